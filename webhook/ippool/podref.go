package ippool

import "strings"

const (
	maxLabel     = 63  // RFC 1123 section 2.1 by way of RFC 1035 section 2.3.4
	maxSubdomain = 253 // the limit of Kubernetes object names
)

// ValidPodRef reports whether s names a pod as Whereabouts writes it, namespace/name: a namespace is a DNS-1123 label
// and a pod name a DNS-1123 subdomain (Kubernetes "Object Names and IDs").
func ValidPodRef(s string) bool {
	slash := strings.IndexByte(s, '/')
	return slash > 0 && slash <= maxLabel && validLabels(s[:slash], false) && len(s)-slash-1 <= maxSubdomain && validLabels(s[slash+1:], true)
}

// validLabels checks the characters of one DNS-1123 label, or of several with dots between them. A label may have any
// length up to the whole's, as in Kubernetes' IsDNS1123Subdomain.
func validLabels(s string, several bool) bool {
	before := byte('.')
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		case c == '-' && before != '.':
		case c == '.' && several && before != '.' && before != '-':
		default:
			return false
		}
		before = c
	}
	return before != '.' && before != '-'
}
