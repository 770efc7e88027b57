package ippool_test

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"

	"ippool-webhook/webhook/ippool"
)

// TestPodRefError checks that the error says what would be right.
func TestPodRefError(t *testing.T) {
	for _, test := range []struct{ name, podref, want string }{
		{"valid", "default/web-0", ""},
		{"empty", "", "must be <namespace>/<pod name>, such as default/web-0"},
		{"no namespace", "/web-0", "must be <namespace>/<pod name>, such as default/web-0"},
		{"two slashes", "default/web/0", "must be <namespace>/<pod name>, such as default/web-0"},
		{"long namespace", strings.Repeat("n", 64) + "/web-0", "must have a namespace of at most 63 characters, not 64"},
		{"long name", "default/" + strings.Repeat("n", 254), "must have a pod name of at most 253 characters, not 254"},
		{"namespace", "Kube.System/web-0", "must not have 'K', '.', 'S' in the namespace, which consists of lower case alphanumeric characters and '-'"},
		{"pod name", "default/web_0 ", "must not have '_', ' ' in the pod name, which consists of lower case alphanumeric characters, '-' and '.'"},
		{"both", "Default/Web_0", "must not have 'D' in the namespace and 'W', '_' in the pod name; a namespace consists of lower case alphanumeric characters and '-', a pod name also of '.'"},
		{"many characters", "default/ABCDEFGA", "must not have 'A', 'B', 'C', 'D' in the pod name, which consists of lower case alphanumeric characters, '-' and '.'"},
		{"control character", "default/web\x00é", `must not have '\x00', '\u00e9' in the pod name, which consists of lower case alphanumeric characters, '-' and '.'`},
		{"hyphen at the end of the namespace", "default-/web", "must have a namespace that starts and ends with an alphanumeric character"},
		{"hyphen before a dot", "default/web-.example", "must have a pod name that starts and ends with an alphanumeric character, as must each part between two dots"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ""
			if err := ippool.PodRefError(test.podref); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestValidPodRef(t *testing.T) {
	label63 := strings.Repeat("n", 63)
	name253 := strings.Repeat("n", 253)
	for _, test := range []struct {
		name, podref string
		want         bool
	}{
		{"namespace and name", "default/web-0", true},
		{"one byte each", "n/p", true},
		{"first and last of the allowed characters", "az-09/az.09", true},
		{"dots in the name", "default/web.example.com", true},
		{"longest namespace", label63 + "/web-0", true},
		{"longest name", "default/" + name253, true},
		{"label of 64 bytes in the name", "default/" + label63 + "n.example", true},

		{"empty", "", false},
		{"slash alone", "/", false},
		{"no slash", "web-0", false},
		{"no namespace", "/web-0", false},
		{"no name", "default/", false},
		{"two slashes", "default/web/0", false},
		{"namespace of 64 bytes", label63 + "n/web-0", false},
		{"name of 254 bytes", "default/" + name253 + "n", false},
		{"dot in the namespace", "kube.system/web-0", false},
		{"upper case in the namespace", "Default/web-0", false},
		{"upper case in the name", "default/Web-0", false},
		{"underscore", "default/web_0", false},
		{"hyphen at the start", "default/-web", false},
		{"hyphen at the end", "default/web-", false},
		{"hyphen before a dot", "default/web-.example", false},
		{"hyphen at the end of the namespace", "default-/web", false},
		{"dot at the start", "default/.web", false},
		{"dot at the end", "default/web.", false},
		{"two dots", "default/web..0", false},
		{"space", "default/web-0 ", false},
		{"beyond ASCII", "default/wéb", false},
		{"zero byte", "default/web\x00", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := ippool.ValidPodRef(test.podref); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
			if oracle := validByKubernetes(test.podref); oracle != test.want {
				t.Errorf("Kubernetes says %v, the test wants %v", oracle, test.want)
			}
		})
	}
}

// validByKubernetes validates with the functions of the API server.
func validByKubernetes(podref string) bool {
	namespace, name, found := strings.Cut(podref, "/")
	return found && len(validation.IsDNS1123Label(namespace)) == 0 && len(validation.IsDNS1123Subdomain(name)) == 0
}
