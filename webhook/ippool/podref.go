package ippool

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// maxLabel is the number of characters of a namespace (RFC 1123 section 2.1 by way of RFC 1035 section 2.3.4).
const maxLabel = 63

// MaxPodName is the number of characters of the name of a pod, the limit of Kubernetes object names.
const MaxPodName = 253

// ValidPodRef reports whether s names a pod as Whereabouts writes it, namespace/name: a namespace is a DNS-1123 label
// and a pod name a DNS-1123 subdomain (Kubernetes "Object Names and IDs").
func ValidPodRef(s string) bool {
	slash := strings.IndexByte(s, '/')
	return slash > 0 && slash <= maxLabel && validLabels(s[:slash], false) && len(s)-slash-1 <= MaxPodName && validLabels(s[slash+1:], true)
}

// validLabels checks the characters of one DNS-1123 label, or of several with dots between them. A label may have any
// length up to that of the whole, as in Kubernetes' IsDNS1123Subdomain.
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

const (
	// alphanumeric is what both parts of a podref consist of.
	alphanumeric = "lower case alphanumeric characters"
	// maxNamed is the number of invalid characters that an error names.
	maxNamed = 4
)

// PodRefForm says what a podref must be.
const PodRefForm = "must be <namespace>/<pod name>, such as default/web-0"

// PodRefPattern is the regular expression (RE2) of a podref, except that the pod name can have more than MaxPodName characters.
const PodRefPattern = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"

// errPodRefForm is the most frequent error, and needs no memory of its own for each podref.
var errPodRefForm = errors.New(PodRefForm)

// PodRefError returns an error that says what a podref must be, or nil for a valid one (ValidPodRef).
func PodRefError(s string) error {
	namespace, name, found := strings.Cut(s, "/")
	switch {
	case ValidPodRef(s):
		return nil
	case !found || namespace == "" || name == "" || strings.Contains(name, "/"):
		return errPodRefForm
	case len(namespace) > maxLabel:
		return fmt.Errorf("must have a namespace of at most %d characters, not %d", maxLabel, len(namespace))
	case len(name) > MaxPodName:
		return fmt.Errorf("must have a pod name of at most %d characters, not %d", MaxPodName, len(name))
	}
	inNamespace, inName := invalidCharacters(namespace, "-"), invalidCharacters(name, "-.")
	switch {
	case inNamespace != "" && inName != "":
		return fmt.Errorf("must not have %s in the namespace and %s in the pod name; a namespace consists of %s and '-', a pod name also of '.'",
			inNamespace, inName, alphanumeric)
	case inNamespace != "":
		return fmt.Errorf("must not have %s in the namespace, which consists of %s and '-'", inNamespace, alphanumeric)
	case inName != "":
		return fmt.Errorf("must not have %s in the pod name, which consists of %s, '-' and '.'", inName, alphanumeric)
	case !validLabels(namespace, false):
		return errors.New("must have a namespace that starts and ends with an alphanumeric character")
	default:
		return errors.New("must have a pod name that starts and ends with an alphanumeric character, as must each part between two dots")
	}
}

// invalidCharacters lists the first characters of s, each once, that are neither lower case alphanumeric nor in punctuation.
func invalidCharacters(s, punctuation string) string {
	var invalid []string
	for _, c := range s {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.ContainsRune(punctuation, c) {
			continue
		}
		if named := fmt.Sprintf("%+q", c); !slices.Contains(invalid, named) {
			invalid = append(invalid, named)
		}
		if len(invalid) == maxNamed {
			break
		}
	}
	return strings.Join(invalid, ", ")
}
