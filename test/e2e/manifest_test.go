package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// manifest is a file of a pool that a user writes once and applies several times.
type manifest struct {
	name, pool string
	spec       string // as it is written
	stored     string // the stored spec; empty means the written spec
	// first are the warnings of the request that creates the pool, again those of a client-side apply to the existing pool, and
	// written those of a request that does not keep the stored values: of a replacement, and of a server-side apply, which
	// removes what it applied before.
	first, again, written []string
}

// manifests returns a manifest for each normalization, for each combination that a pool can have, and one that is not
// normalized.
func manifests() []manifest {
	const noAllocations = "spec.allocations: stored as {}, because the schema requires it"
	five := `{"id": "` + idPrefix + `05", "podref": "default/web-5", "ifname": "net1"}`
	six := `{"id": "` + idPrefix + `06", "podref": "default/web-6", "ifname": "net1"}`
	// The range is normalized each time that it is written.
	words := func(written, stored, rule string) []string {
		return []string{fmt.Sprintf("spec.range: stored as %s instead of %q (rule %s)", stored, written, rule)}
	}
	hostBits := words("10.9.0.5/24", "10.9.0.0/24", "range-host-bits")
	notation := words("2001:DB8:0::/64", "2001:db8::/64", "range-syntax")
	space := words(" 10.9.0.0/24 ", "10.9.0.0/24", "range-syntax")
	allOfRange := words(" 2001:DB8:0::5/64 ", "2001:db8::/64", "range-host-bits")
	spellingAndSpace := words(" 2001:DB8:0::/64 ", "2001:db8::/64", "range-syntax")
	return []manifest{
		{
			name: "canonical", pool: "10.9.0.0-24",
			spec: `{"range": "10.9.0.0/24", "allocations": {"5": ` + five + `}}`,
		},
		{
			name: "host bits", pool: "10.9.0.0-24",
			spec:   `{"range": "10.9.0.5/24", "allocations": {}}`,
			stored: `{"range": "10.9.0.0/24", "allocations": {}}`,
			first:  hostBits, again: hostBits, written: hostBits,
		},
		{
			name: "key 05", pool: "10.9.0.0-24",
			spec:    `{"range": "10.9.0.0/24", "allocations": {"05": ` + five + `}}`,
			stored:  `{"range": "10.9.0.0/24", "allocations": {"5": ` + five + `}}`,
			first:   []string{`spec.allocations[05]: stored under key "5" (rule offset-syntax)`},
			again:   []string{`spec.allocations[05]: not stored, because the same owner has key "5" (rule offset-syntax)`},
			written: []string{`spec.allocations[05]: stored under key "5" (rule offset-syntax)`},
		},
		{
			name: "notation", pool: "2001-db8---64",
			spec:   `{"range": "2001:DB8:0::/64", "allocations": {}}`,
			stored: `{"range": "2001:db8::/64", "allocations": {}}`,
			first:  notation, again: notation, written: notation,
		},
		{
			name: "white space", pool: "10.9.0.0-24",
			spec:   `{"range": " 10.9.0.0/24 ", "allocations": {}}`,
			stored: `{"range": "10.9.0.0/24", "allocations": {}}`,
			first:  space, again: space, written: space,
		},
		{
			name: "absent allocations", pool: "10.9.0.0-24", // the existing pool has them
			spec:   `{"range": "10.9.0.0/24"}`,
			stored: `{"range": "10.9.0.0/24", "allocations": {}}`,
			first:  []string{noAllocations},
		},
		{
			name: "all of an empty pool", pool: "2001-db8---64",
			spec:   `{"range": " 2001:DB8:0::5/64 "}`,
			stored: `{"range": "2001:db8::/64", "allocations": {}}`,
			first:  append(allOfRange[:1:1], noAllocations), again: allOfRange, written: allOfRange,
		},
		{
			name: "all of a pool in use", pool: "2001-db8---64", // its host bits cannot be normalized
			spec:   `{"range": " 2001:DB8:0::/64 ", "allocations": {"05": ` + five + `, "+6": ` + six + `}}`,
			stored: `{"range": "2001:db8::/64", "allocations": {"5": ` + five + `, "6": ` + six + `}}`,
			first: append(spellingAndSpace[:1:1],
				`spec.allocations[+6]: stored under key "6" (rule offset-syntax)`,
				`spec.allocations[05]: stored under key "5" (rule offset-syntax)`),
			again: append(spellingAndSpace[:1:1],
				`spec.allocations[+6]: not stored, because the same owner has key "6" (rule offset-syntax)`,
				`spec.allocations[05]: not stored, because the same owner has key "5" (rule offset-syntax)`),
			written: append(spellingAndSpace[:1:1],
				`spec.allocations[+6]: stored under key "6" (rule offset-syntax)`,
				`spec.allocations[05]: stored under key "5" (rule offset-syntax)`),
		},
	}
}

// whole reports whether a manifest is one of the two that together have all normalizations.
func (m manifest) whole() bool { return strings.HasPrefix(m.name, "all of ") }

// session is a user who works on one pool with kubectl and a manifest, while Whereabouts uses the pool.
type session struct {
	scene
	manifest
	kubectl, file string
	want          map[string]any // the spec that must be stored
}

// newSession returns a session in a new namespace without a pool.
func newSession(t *testing.T, m manifest) *session {
	t.Helper()
	kubectl, ok := suite.Kubectl()
	if !ok {
		t.Skip("KUBEBUILDER_ASSETS has no kubectl; make control-plane builds one")
	}
	if m.stored == "" {
		m.stored = m.spec
	}
	s := &session{scene: newScene(t), manifest: m, kubectl: kubectl, file: filepath.Join(t.TempDir(), "pool.yaml"), want: decode(t, m.stored)}
	s.write(t, s.file, decode(t, m.spec))
	return s
}

// write writes a manifest of the pool.
func (s *session) write(t *testing.T, file string, spec map[string]any) {
	t.Helper()
	text, err := bare(s.pool, spec).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// specText returns the spec of a pool as JSON.
func specText(t *testing.T, pool *unstructured.Unstructured) string {
	t.Helper()
	text, err := json.Marshal(pool.Object["spec"])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// printed is the output of kubectl: the texts of warnings, all other lines, and the exit code.
type printed struct {
	Warnings []string
	Lines    []string
	Code     string
}

// run runs kubectl with the manifest.
func (s *session) run(t *testing.T, args ...string) printed {
	t.Helper()
	return s.runOn(t, s.file, args...)
}

func (s *session) runOn(t *testing.T, file string, args ...string) printed {
	t.Helper()
	out, err := suite.jane.RunKubectl(t.Context(), s.kubectl, append(args, "-f", file, "--namespace", s.jane.namespace)...)
	if err != nil {
		t.Fatal(err)
	}
	var p printed
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSuffix(line, "\n")
		warning, isWarning := strings.CutPrefix(line, "Warning: ")
		code, isCode := strings.CutPrefix(line, "(exit code ")
		switch {
		case isCode:
			p.Code = strings.TrimSuffix(code, ")")
		case isWarning && strings.HasPrefix(warning, "resource ippools/"+s.pool+" is missing the kubectl.kubernetes.io/last-applied-configuration annotation"):
			// the warning of kubectl about a pool that it has not applied before
		case isWarning:
			p.Warnings = append(p.Warnings, warning)
		default:
			p.Lines = append(p.Lines, line)
		}
	}
	return p
}

// expectRun runs kubectl with the manifest, and expects success with these warnings.
func (s *session) expectRun(t *testing.T, done string, warnings []string, args ...string) {
	t.Helper()
	want := printed{Warnings: warnings, Lines: []string{"ippool.whereabouts.cni.cncf.io/" + s.pool + " " + done}, Code: "0"}
	if diff := cmp.Diff(want, s.run(t, args...)); diff != "" {
		t.Errorf("kubectl %s (-want +got):\n%s", strings.Join(args, " "), diff)
	}
	s.expectStored(t)
}

// expectStored compares the stored spec with the expected spec.
func (s *session) expectStored(t *testing.T) {
	t.Helper()
	got, _, err := unstructured.NestedMap(s.whereabouts.mustRead(t, s.pool).Object, "spec")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s.want, got); diff != "" {
		t.Errorf("stored spec (-want +got):\n%s", diff)
	}
}

// expected returns the allocations that must be stored.
func (s *session) expected() map[string]any {
	allocations, _ := s.want["allocations"].(map[string]any)
	return allocations
}

// startPods adds the allocations of pods that start.
func (s *session) startPods(t *testing.T, allocations ...allocation) {
	t.Helper()
	s.allocate(t, s.pool, allocations...)
	for _, a := range allocations {
		s.expected()[a.key] = a.fields()
	}
	s.expectStored(t)
}

// endPod releases the allocation of a pod that ends.
func (s *session) endPod(t *testing.T, key string) {
	t.Helper()
	s.release(t, s.pool, key)
	delete(s.expected(), key)
	s.expectStored(t)
}
