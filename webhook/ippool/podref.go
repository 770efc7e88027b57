package ippool

import "strings"

const (
	maxLabel     = 63  // RFC 1123 section 2.1 by way of RFC 1035 section 2.3.4
	maxSubdomain = 253 // the limit of Kubernetes object names
)

// ValidPodRef reports whether s names a pod as Whereabouts writes it, namespace/name: a namespace is a DNS-1123 label
// and a pod name a DNS-1123 subdomain (Kubernetes "Object Names and IDs").
func ValidPodRef(s string) bool {
	namespace, name, found := strings.Cut(s, "/")
	return found && len(namespace) <= maxLabel && validLabel(namespace) && validSubdomain(name)
}

// validSubdomain takes labels of any length up to the whole, as Kubernetes' IsDNS1123Subdomain does.
func validSubdomain(s string) bool {
	if len(s) > maxSubdomain {
		return false
	}
	for {
		label, rest, more := strings.Cut(s, ".")
		if !validLabel(label) {
			return false
		}
		if !more {
			return true
		}
		s = rest
	}
}

// validLabel checks the characters of a DNS-1123 label; the caller checks its length.
func validLabel(s string) bool {
	if s == "" || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}
