package operations

import (
	"context"
	"testing"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ippool-webhook/test/whereabouts/cluster"
)

// cannotWrite is the error of Whereabouts for each write of an IPv4 pool with a negative key. Whereabouts cannot read such a
// key as an address.
const cannotWrite = "cannot calculate offset between IPv6 (<nil>) and IPv4 address (10.0.0.0)"

// TestNegativeKeyInIPv4 adds a negative key to an IPv4 pool: every later write of Whereabouts fails. By default, ADD and DEL
// still report success: a pod runs with an address that no pool records, and an unused allocation stays. This ends when the
// reconciler detects that the pod of the negative key does not exist.
func TestNegativeKeyInIPv4(t *testing.T) {
	restart(t, observe)
	n := newNode(t, cluster.Network{Range: "10.0.0.0/24"})
	n.add(t, in("web-0"), "10.0.0.1/24")
	n.insertNegative(t, allocation(in("ghost")))
	stuck := map[string]v1alpha1.IPAllocation{"-5": allocation(in("ghost")), "1": allocation(in("web-0"))}

	n.addUnaccounted(t, in("web-1"), "10.0.0.2/24")
	n.expectStored(t, stuck)
	n.expectReservations(t, "10.0.0.1 default/web-0", "10.0.0.2 default/web-1")
	n.delUnaccounted(t, in("web-0"))
	n.expectStored(t, stuck)
	n.expectReservations(t, "10.0.0.2 default/web-1")
	n.delUnaccounted(t, in("ghost")) // Whereabouts finds the allocation, but cannot read its address
	n.expectStored(t, stuck)

	reconcile(t, n)
	n.expectAllocations(t)
	n.add(t, in("web-2"), "10.0.0.1/24")
	n.del(t, in("web-2"))
}

// TestNegativeKeyWithoutReservations is TestNegativeKeyInIPv4 in a network without reservations: ADD fails.
func TestNegativeKeyWithoutReservations(t *testing.T) {
	restart(t, observe)
	n := newNode(t, cluster.Network{Range: "10.0.0.0/24", OverlappingRanges: new(false)})
	n.add(t, in("web-0"), "10.0.0.1/24")
	n.insertNegative(t, allocation(in("ghost")))
	_, err := n.Add(t.Context(), n.network, in("web-1"))
	if want := "error at storage engine: " + cannotWrite; err == nil || err.Error() != want {
		t.Errorf("ADD: error %v, want %s", err, want)
	}
	n.delUnaccounted(t, in("web-0"))
	n.expectKeys(t, "-5", "1")
	reconcile(t, n)
	n.expectAllocations(t)
}

// TestNegativeKeyWithoutPod adds a negative key without podref to an IPv4 pool. The reconciler does not remove it. So the
// reconciler cannot write this pool, and it stops before it reaches the other pools.
func TestNegativeKeyWithoutPod(t *testing.T) {
	restart(t, observe)
	n := newNode(t, cluster.Network{Range: "10.0.0.0/24"})
	n.add(t, in("gone"), "10.0.0.1/24")
	n.on(cluster.Network{Range: "10.0.1.0/24"}).add(t, in("gone"), "10.0.1.1/24")
	n.insertNegative(t, v1alpha1.IPAllocation{ContainerID: "old"})
	t.Cleanup(func() { n.removeNegative(t) }) // the reconciler reads the pools of all tests
	want := "failed to update the reservation list: " + cannotWrite
	if err := n.Reconcile(); err == nil || err.Error() != want {
		t.Errorf("reconciler: error %v, want %s", err, want)
	}
	n.removeNegative(t)
	n.expectAllocations(t, allocationOf("10.0.0.1", in("gone")), allocationOf("10.0.1.1", in("gone")))
}

// TestNegativeKeyInIPv6 adds a negative key to an IPv6 pool. Whereabouts reads -5 as the offset 2^64-5, an address near the end
// of a /64. Its next write stores the allocation with a key that it cannot read, and the write after that removes the
// allocation. Then the address is free while its pod uses it.
func TestNegativeKeyInIPv6(t *testing.T) {
	restart(t, observe)
	n := newNode(t, cluster.Network{Range: "2001:db8::/64"})
	n.add(t, in("web-0"), "2001:db8::1/64")
	n.insertNegative(t, allocation(in("ghost")))
	n.expectAllocations(t, allocationOf("2001:db8::1", in("web-0")), allocationOf("2001:db8::ffff:ffff:ffff:fffb", in("ghost")))

	n.addUnaccounted(t, in("web-1"), "2001:db8::2/64")
	n.expectStored(t, map[string]v1alpha1.IPAllocation{
		"18446744073709551611": allocation(in("ghost")), "1": allocation(in("web-0")), "2": allocation(in("web-1")),
	})
	n.delUnaccounted(t, in("ghost")) // Whereabouts no longer finds the allocation
	n.expectKeys(t, "1", "18446744073709551611", "2")
	n.delUnaccounted(t, in("web-1"))
	n.expectKeys(t, "1")

	n.insertNegative(t, allocation(in("ghost")))
	n.del(t, in("ghost")) // before another write changes the key
	n.expectKeys(t, "1")
}

// addUnaccounted assigns this address to an interface. The ledger does not count it, because the pools of these tests do not
// record it in a readable way.
func (n node) addUnaccounted(t *testing.T, i cluster.Interface, want string) {
	t.Helper()
	addresses, err := n.Add(t.Context(), n.network, i)
	if err != nil {
		t.Fatal(err)
	}
	if len(addresses) != 1 || addresses[0].String() != want {
		t.Errorf("%s %s got %v, want %s", i.PodRef(), i.Name, addresses, want)
	}
}

// delUnaccounted runs a DEL that must report success. The ledger does not count it.
func (n node) delUnaccounted(t *testing.T, i cluster.Interface) {
	t.Helper()
	if err := n.Del(t.Context(), n.network, i); err != nil {
		t.Fatal(err)
	}
}

// insertNegative stores an allocation with a negative key in the first pool.
func (n node) insertNegative(t *testing.T, a v1alpha1.IPAllocation) {
	t.Helper()
	n.edit(t, func(allocations map[string]v1alpha1.IPAllocation) { allocations["-5"] = a })
}

// removeNegative removes that key.
func (n node) removeNegative(t *testing.T) {
	t.Helper()
	n.edit(t, func(allocations map[string]v1alpha1.IPAllocation) { delete(allocations, "-5") })
}

// edit changes the allocations of the first pool, with the account of Whereabouts.
func (n node) edit(t *testing.T, change func(map[string]v1alpha1.IPAllocation)) {
	t.Helper()
	clientset, err := suite.Clientset()
	if err != nil {
		t.Fatal(err)
	}
	pools, err := n.Pools(context.Background()) // edit is also called after the test
	if err != nil {
		t.Fatal(err)
	}
	change(pools[0].Spec.Allocations)
	if _, err := clientset.WhereaboutsV1alpha1().IPPools(n.Namespace).Update(context.Background(), &pools[0], metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
}
