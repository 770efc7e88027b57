package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGitOps runs the loop of a GitOps tool: it compares the pool with the manifest, and applies the manifest if they differ.
// The stored pool does not change, no matter how the tool compares.
func TestGitOps(t *testing.T) {
	for _, mode := range applyModes() {
		for _, m := range manifests() {
			t.Run(mode.name+" by text/"+m.name, func(t *testing.T) {
				t.Parallel()
				s := newSession(t, m)
				// A tool that compares texts finds a difference each time, unless the manifest has the canonical notation.
				want := 4
				if len(m.again) == 0 {
					want = 1
				}
				s.expectLoop(t, want, func() bool {
					pool := s.whereabouts.read(t, s.pool)
					return pool == nil || !holds(pool.Object["spec"], decode(t, s.spec))
				}, mode)
			})
			if !m.whole() {
				continue
			}
			t.Run(mode.name+" by dry run/"+m.name, func(t *testing.T) {
				t.Parallel()
				s := newSession(t, m)
				s.expectLoop(t, 1, func() bool {
					return s.run(t, append([]string{"diff"}, mode.flags...)...).Code != "0"
				}, mode)
			})
		}
	}
}

// expectLoop runs four rounds of the loop while Whereabouts uses the pool, and compares the number of rounds that apply the
// manifest.
func (s *session) expectLoop(t *testing.T, want int, differs func() bool, mode applyMode) {
	t.Helper()
	applied := 0
	for round := range 4 {
		if differs() {
			applied++
			if got := s.run(t, append([]string{"apply"}, mode.flags...)...); got.Code != "0" {
				t.Errorf("round %d: %v", round, got)
			}
		}
		s.expectStored(t)
		switch round {
		case 0:
			s.startPods(t, at("1", "default/web-0"), at("2", "default/web-1"))
		case 1:
			s.endPod(t, "1")
		case 2:
			s.endPod(t, "2")
		}
	}
	if applied != want {
		t.Errorf("the manifest was applied in %d of 4 rounds, want %d", applied, want)
	}
}

// holds reports whether a live value has all fields of a desired value, with the same values.
func holds(live, desired any) bool {
	fields, ok := desired.(map[string]any)
	if !ok {
		return cmp.Equal(live, desired)
	}
	of, ok := live.(map[string]any)
	if !ok {
		return false
	}
	for name := range fields {
		if !holds(of[name], fields[name]) {
			return false
		}
	}
	return true
}
