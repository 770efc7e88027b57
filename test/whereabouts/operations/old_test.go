package operations

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ippool-webhook/test/whereabouts/cluster"
)

// TestOldPool lets Whereabouts use a pool with data of older releases and of users. The webhook denies no request of
// Whereabouts because of this data, even in enforce mode.
func TestOldPool(t *testing.T) {
	n := newNode(t, cluster.Network{Range: "10.0.0.0/24"})
	restart(t, observe)
	n.store(t, "10.0.0.0-24", "10.0.0.0/24", map[string]v1alpha1.IPAllocation{
		"1":   {ContainerID: "old-1", PodRef: "default/legacy"},               // before Whereabouts recorded interfaces
		"2":   {ContainerID: "old-2"},                                         // before it recorded pods
		"05":  {ContainerID: "old-5", PodRef: "default/gone", IfName: "net1"}, // written by a user
		"255": {ContainerID: "old-255", PodRef: "default/broadcast", IfName: "net1"},
	})
	restart(t, enforce)
	n.add(t, in("web-0"), "10.0.0.3/24")
	n.expectKeys(t, "1", "2", "255", "3", "5")
	n.add(t, in("web-1"), "10.0.0.4/24")
	n.add(t, in("web-2"), "10.0.0.6/24") // .5 is taken
	n.del(t, in("web-1"))
	reconcile(t, n)
	n.expectKeys(t, "2") // Whereabouts does not change allocations without a pod
	expectNoDenials(t, enforce)
}

// TestOffsetsPastInt64 lets Whereabouts record an address at an offset that it cannot read back. By default the webhook warns
// and does not deny.
func TestOffsetsPastInt64(t *testing.T) {
	restart(t, observe)
	n := newNode(t, cluster.Network{Range: "2001:db8::/64", RangeStart: "2001:db8::8000:0:0:1"})
	suite.operations.Add(1)
	if _, err := n.Add(t.Context(), n.network, in("web-0")); err != nil {
		suite.denied.Add(1)
		t.Fatal(err)
	}
	n.expectKeys(t, "9223372036854775809")
	expectNoDenials(t, observe, "offset-out-of-range")
}

// TestHostBitsInPool lets Whereabouts write a pool whose range has host bits, which it never creates itself. The offsets that
// it writes differ from those that it reads, so it moves owners to other offsets.
func TestHostBitsInPool(t *testing.T) {
	restart(t, observe)
	n := newNode(t, cluster.Network{Range: "10.0.0.0/16"})
	n.store(t, "10.0.0.0-16", "10.0.0.200/16", map[string]v1alpha1.IPAllocation{"61": allocation(in("old"))})
	t.Cleanup(func() { // the reconciler reads the pools of all tests
		n.edit(t, func(allocations map[string]v1alpha1.IPAllocation) { clear(allocations) })
	})
	n.addUnaccounted(t, in("web-0"), "10.0.0.1/16")
	n.expectStored(t, map[string]v1alpha1.IPAllocation{"51": allocation(in("old")), "199": allocation(in("web-0"))})
	n.addUnaccounted(t, in("web-1"), "10.0.0.2/16")
	n.expectStored(t, map[string]v1alpha1.IPAllocation{
		"51": allocation(in("old")), "169": allocation(in("web-0")), "198": allocation(in("web-1")),
	})
}

// store writes a pool as Whereabouts.
func (n node) store(t *testing.T, name, cidr string, allocations map[string]v1alpha1.IPAllocation) {
	t.Helper()
	clientset, err := suite.Clientset()
	if err != nil {
		t.Fatal(err)
	}
	_, err = clientset.WhereaboutsV1alpha1().IPPools(n.Namespace).Create(t.Context(), &v1alpha1.IPPool{
		ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.IPPoolSpec{Range: cidr, Allocations: allocations},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
}

// expectKeys expects one pool with these keys.
func (n node) expectKeys(t *testing.T, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(n.stored(t)))); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

// expectStored expects one pool with these allocations.
func (n node) expectStored(t *testing.T, want map[string]v1alpha1.IPAllocation) {
	t.Helper()
	if diff := cmp.Diff(want, n.stored(t)); diff != "" {
		t.Errorf("allocations (-want +got):\n%s", diff)
	}
}

// stored returns the stored allocations of the only pool.
func (n node) stored(t *testing.T) map[string]v1alpha1.IPAllocation {
	t.Helper()
	pools, err := n.Pools(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(pools) != 1 {
		t.Fatalf("%d pools, want 1", len(pools))
	}
	return pools[0].Spec.Allocations
}
