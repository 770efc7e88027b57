package contract

import (
	"fmt"
	"strings"
	"testing"

	"ippool-webhook/test/whereabouts/cluster"
)

// bulkDenied denies the removal of most of a pool.
const bulkDenied = "{apiVersion: config.ippool-webhook/v1alpha1, kind: Policy, rules: {bulk-release: {action: Deny}}}"

// TestCleanUp runs the reconciler of Whereabouts after many pods have ended without a DEL. In enforce mode, a Policy can deny
// the removal of their allocations. The default installation does not.
func TestCleanUp(t *testing.T) {
	const stale = 9
	s := newNode(t, cluster.Network{Range: "10.0.0.0/24"})
	for i := range stale {
		s.mustAdd(t, in(fmt.Sprintf("gone-%d", i)))
	}
	t.Run("denied", func(t *testing.T) {
		configure(t, "whereabouts-enforce")
		run(bulkDenied)(t)
		if err := s.Reconcile(); err == nil || !strings.Contains(err.Error(), "(rule bulk-release)") {
			t.Errorf("error %v, want a denial by bulk-release", err)
		}
		s.expectAllocations(t, stale)
	})
	t.Run("by default", func(t *testing.T) {
		run("")(t)
		if err := s.Reconcile(); err != nil {
			t.Error(err)
		}
		s.expectAllocations(t, 0)
	})
}

// expectAllocations expects this number of allocations in the pools.
func (s scene) expectAllocations(t *testing.T, want int) {
	t.Helper()
	allocations, err := s.Allocations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(allocations) != want {
		t.Errorf("%d allocations, want %d: %v", len(allocations), want, allocations)
	}
}
