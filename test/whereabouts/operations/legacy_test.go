package operations

import (
	"context"
	"errors"
	"maps"
	"testing"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ippool-webhook/test/environment"
	"ippool-webhook/test/whereabouts/cluster"
)

// TestLegacyPool starts and ends pods in a pool without ifname. Whereabouts does not change these allocations, not even those
// of the same pod, because it does not find them.
func TestLegacyPool(t *testing.T) {
	n, legacy := legacyPool(t)
	n.add(t, in("web-0"), "10.0.0.3/24")
	n.expectStored(t, with(legacy, "3", allocation(in("web-0"))))
	n.add(t, restarted(in("web-0")), "10.0.0.3/24")
	n.del(t, restarted(in("web-0")))
	n.expectStored(t, legacy)

	before := n.poolVersion(t)
	n.delUnaccounted(t, in("legacy")) // Whereabouts reports success
	n.delUnaccounted(t, named(in("legacy"), "net2"))
	n.expectStored(t, legacy)
	n.expectReservations(t, "10.0.0.1 default/legacy", "10.0.0.2 default/legacy")
	if after := n.poolVersion(t); after != before {
		t.Errorf("resource version %s, want %s, because Whereabouts must not write the pool", after, before)
	}

	first, second := restarted(in("legacy")), restarted(named(in("legacy"), "net2"))
	n.add(t, first, "10.0.0.3/24") // an additional allocation
	n.add(t, second, "10.0.0.4/24")
	n.expectStored(t, with(with(legacy, "3", allocation(first)), "4", allocation(second)))
	n.del(t, first)
	n.del(t, second)
	n.expectStored(t, legacy)
	expectNoDenials(t, enforce)
}

// TestLegacyPoolReconciled runs the reconciler, which compares the pool with the pod. It compares podref and address, and needs
// no ifname.
func TestLegacyPoolReconciled(t *testing.T) {
	n, legacy := legacyPool(t)
	makePod(t, n, in("legacy"), "10.0.0.1", "10.0.0.2")
	reconcile(t, n)
	n.expectStored(t, legacy)

	if err := suite.RemovePod(t.Context(), in("legacy")); err != nil {
		t.Fatal(err)
	}
	next := restarted(in("legacy")) // as in a StatefulSet: the same name
	n.add(t, next, "10.0.0.3/24")
	makePod(t, n, next, "10.0.0.3")
	reconcile(t, n)
	n.expectStored(t, map[string]v1alpha1.IPAllocation{"3": allocation(next)})
	n.expectReservations(t, "10.0.0.3 default/legacy")
	expectNoDenials(t, enforce)
}

// TestLegacyPoolControlLoop lets the ip-control-loop of the node release both allocations when the pod is deleted.
func TestLegacyPoolControlLoop(t *testing.T) {
	n, _ := legacyPool(t)
	makeNode(t, "node-1")
	makeNetwork(t, n, "secondary")
	makePod(t, n, in("legacy"), "10.0.0.1", "10.0.0.2")
	startControlLoop(t, n)
	if err := suite.RemovePod(t.Context(), in("legacy")); err != nil {
		t.Fatal(err)
	}
	err := environment.Await(t.Context(), "the release of the addresses of a deleted pod", func(ctx context.Context) error {
		reservations, err := n.Reservations(ctx) // each is removed after its allocation
		if err == nil && len(reservations) > 0 {
			err = errors.New("the pod still has reservations")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	n.expectStored(t, map[string]v1alpha1.IPAllocation{})
	expectNoDenials(t, enforce)
}

// legacyPool returns a node with a pool as Whereabouts up to v0.7 wrote it: without ifname. A pod with two interfaces in the
// range has two allocations with one podref and one id. After this call, requests of Whereabouts are in enforce mode.
func legacyPool(t *testing.T) (node, map[string]v1alpha1.IPAllocation) {
	t.Helper()
	n := newNode(t, cluster.Network{Range: "10.0.0.0/24"})
	legacy := map[string]v1alpha1.IPAllocation{"1": legacyAllocation(), "2": legacyAllocation()}
	restart(t, observe)
	n.store(t, "10.0.0.0-24", "10.0.0.0/24", legacy)
	n.reserve(t, "10.0.0.1", "10.0.0.2")
	restart(t, enforce)
	return n, legacy
}

// legacyAllocation returns the allocation of an interface of the pod legacy as Whereabouts up to v0.7 stored it.
func legacyAllocation() v1alpha1.IPAllocation {
	a := allocation(in("legacy"))
	a.IfName = ""
	return a
}

// with returns the allocations and an additional one.
func with(allocations map[string]v1alpha1.IPAllocation, key string, a v1alpha1.IPAllocation) map[string]v1alpha1.IPAllocation {
	more := maps.Clone(allocations)
	more[key] = a
	return more
}

// reserve creates the OverlappingRangeIPReservations of the pod legacy.
func (n node) reserve(t *testing.T, addresses ...string) {
	t.Helper()
	clientset, err := suite.Clientset()
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range addresses {
		_, err := clientset.WhereaboutsV1alpha1().OverlappingRangeIPReservations(n.Namespace).Create(t.Context(), &v1alpha1.OverlappingRangeIPReservation{
			ObjectMeta: metav1.ObjectMeta{Name: address},
			Spec:       v1alpha1.OverlappingRangeIPReservationSpec{PodRef: in("legacy").PodRef(), ContainerID: in("legacy").ContainerID},
		}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// poolVersion returns the resource version of the only pool.
func (n node) poolVersion(t *testing.T) string {
	t.Helper()
	pools, err := n.Pools(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(pools) != 1 {
		t.Fatalf("%d pools, want 1", len(pools))
	}
	return pools[0].ResourceVersion
}
