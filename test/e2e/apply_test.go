package e2e

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// applyMode is a way to apply a manifest, and to compare it with the stored pool.
type applyMode struct {
	name  string
	flags []string
}

func clientSide() applyMode { return applyMode{name: "client-side"} }

func serverSide() applyMode { return applyMode{"server-side", []string{"--server-side"}} }

func applyModes() []applyMode { return []applyMode{clientSide(), serverSide()} }

// warnings returns the warnings of an apply to an existing pool.
func (mode applyMode) warnings(m manifest) []string {
	if mode.flags == nil {
		return m.again
	}
	return m.written
}

// apply runs kubectl apply, and expects that the pool is stored as the manifest requires.
func (s *session) apply(t *testing.T, mode applyMode, warnings []string, done string) {
	t.Helper()
	if mode.flags != nil {
		done = "serverside-applied"
	}
	s.expectRun(t, done, warnings, append([]string{"apply"}, mode.flags...)...)
}

// applyAgain applies the manifest of an existing pool, and expects that the pool does not change.
func (s *session) applyAgain(t *testing.T, mode applyMode) {
	t.Helper()
	before := s.generation(t)
	done := "configured"
	if len(s.again) == 0 {
		done = "unchanged"
	}
	s.apply(t, mode, mode.warnings(s.manifest), done)
	if after := s.generation(t); after != before {
		t.Errorf("generation %d, want %d as before: the spec was written", after, before)
	}
}

// expectNoDifference runs kubectl diff, and expects that there is no difference.
func (s *session) expectNoDifference(t *testing.T, mode applyMode) {
	t.Helper()
	if diff := cmp.Diff(printed{Warnings: mode.warnings(s.manifest), Code: "0"}, s.run(t, append([]string{"diff"}, mode.flags...)...)); diff != "" {
		t.Errorf("kubectl diff %s (-want +got):\n%s", strings.Join(mode.flags, " "), diff)
	}
	s.expectStored(t)
}

// generation returns a number that increases with each change of the spec.
func (s *session) generation(t *testing.T) int64 {
	t.Helper()
	return s.whereabouts.mustRead(t, s.pool).GetGeneration()
}

// TestApplyAgain applies manifests several times while Whereabouts uses the pool. What is stored does not drift, the
// allocations of running pods stay, and no step is denied.
func TestApplyAgain(t *testing.T) {
	web0, web1 := at("1", "default/web-0"), at("2", "default/web-1")
	for _, mode := range applyModes() {
		for _, m := range manifests() {
			t.Run(mode.name+"/"+m.name, func(t *testing.T) {
				t.Parallel()
				s := newSession(t, m)
				s.apply(t, mode, m.first, "created")
				s.expectNoDifference(t, mode)
				s.applyAgain(t, mode)
				s.startPods(t, web0, web1)
				s.applyAgain(t, mode)
				s.expectNoDifference(t, mode)
				s.endPod(t, web0.key)
				s.applyAgain(t, mode)
				s.endPod(t, web1.key)
				s.applyAgain(t, mode)
			})
		}
	}
}

// TestApplyToPoolOfWhereabouts applies manifests to a pool that Whereabouts has created and uses. Whereabouts manages its
// range, so the first server-side apply in a different notation requires --force-conflicts.
func TestApplyToPoolOfWhereabouts(t *testing.T) {
	web0 := at("1", "default/web-0")
	for _, mode := range applyModes() {
		for _, m := range manifests() {
			if allocations, _, _ := unstructured.NestedMap(decode(t, m.spec), "allocations"); len(allocations) > 0 {
				continue // the warnings about missing allocations
			}
			t.Run(mode.name+"/"+m.name, func(t *testing.T) {
				t.Parallel()
				s := newSession(t, m)
				s.whereabouts.store(t, bare(m.pool, decode(t, m.stored)))
				s.startPods(t, web0)
				forced := mode
				if mode.flags != nil && len(m.again) > 0 {
					s.expectConflict(t, `conflict with "e2e.test" using whereabouts.cni.cncf.io/v1alpha1: .spec.range`, mode.flags...)
					forced.flags = []string{"--server-side", "--force-conflicts"}
				}
				s.apply(t, forced, m.again, "configured") // also if only the annotation changes
				s.applyAgain(t, mode)
				s.expectNoDifference(t, mode)
			})
		}
	}
}

// expectConflict runs kubectl apply, and expects that it fails because another manager has written a different value.
func (s *session) expectConflict(t *testing.T, conflict string, flags ...string) {
	t.Helper()
	got := s.run(t, append([]string{"apply"}, flags...)...)
	if want := "error: Apply failed with 1 conflict: " + conflict; got.Code != "1" || len(got.Lines) == 0 || got.Lines[0] != want {
		t.Errorf("kubectl apply: %v, want %q", got, want)
	}
	s.expectStored(t)
}
