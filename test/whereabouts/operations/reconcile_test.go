package operations

import (
	"context"
	"fmt"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"ippool-webhook/test/whereabouts/cluster"
)

// TestReconciler lets the reconciler of Whereabouts clean up after pods that ended without a DEL, in several pools. In one
// write, it removes all allocations of a pool but one.
func TestReconciler(t *testing.T) {
	inEachMode(t, testReconciler)
}

func testReconciler(t *testing.T, m mode) {
	n := newNode(t, cluster.Network{Range: "10.0.0.0/24"})
	v6 := n.on(cluster.Network{Range: "2001:db8::/64"})
	n.add(t, in("live"), "10.0.0.1/24")
	v6.add(t, in("live"), "2001:db8::1/64")
	makePod(t, n, in("live"), "10.0.0.1", "2001:db8::1")
	for i := range 12 {
		n.add(t, in(fmt.Sprintf("gone-%d", i)), fmt.Sprintf("10.0.0.%d/24", i+2))
	}
	v6.add(t, in("gone-12"), "2001:db8::2/64")

	reconcile(t, n)
	n.expectAllocations(t, allocationOf("10.0.0.1", in("live")), allocationOf("2001:db8::1", in("live")))
	n.expectReservations(t, "10.0.0.1 default/live", "2001-db8--1 default/live")
	expectNoDenials(t, m)
	switch m {
	case observe:
		expectFound(t, "Audit", "observe", "bulk-release")
	case enforce:
		expectFound(t, "Warn", "enforce", "bulk-release")
	}
}

// makePod creates the pod of an interface. It deletes it at the end of the test.
func makePod(t *testing.T, n node, i cluster.Interface, addresses ...string) {
	t.Helper()
	if err := suite.MakePod(t.Context(), n.Runtime, i, addresses...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := suite.RemovePod(context.Background(), i); err != nil && !apierrors.IsNotFound(err) {
			t.Fatal(err)
		}
	})
}

// reconcile runs the reconciler of Whereabouts once. The caller checks the result.
func reconcile(t *testing.T, n node) {
	t.Helper()
	suite.operations.Add(1)
	if err := n.Reconcile(); err != nil {
		suite.denied.Add(1)
		t.Fatal(err)
	}
}
