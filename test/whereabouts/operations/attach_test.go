package operations

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"

	"ippool-webhook/test/whereabouts/cluster"
)

// TestOperations starts and ends pods. Each case has its own namespace for its pools, and so its own lease.
func TestOperations(t *testing.T) {
	tests := map[string]func(*testing.T){
		"IPv4":                            testIPv4,
		"IPv6":                            testIPv6,
		"both families":                   testBothFamilies,
		"named network":                   testNamedNetwork,
		"exclusions":                      testExclusions,
		"range_start and range_end":       testStartAndEnd,
		"three interfaces":                testThreeInterfaces,
		"sandbox restart":                 testSandboxRestart,
		"idempotent ADD":                  testIdempotentAdd,
		"DEL twice":                       testDelTwice,
		"overlapping ranges on":           testOverlappingOn,
		"overlapping ranges off":          testOverlappingOff,
		"full pool":                       testFullPool,
		"ranges too small to use":         testTooSmall,
		"ranges too small, in use":        testTooSmallInUse,
		"host bits":                       testHostBits,
		"offsets past 32 bits":            testLongOffsets,
		"200 ADDs and DELs, 16 at a time": testConcurrent,
		"node slices":                     testNodeSlices,
	}
	inEachMode(t, func(t *testing.T, m mode) {
		t.Run("together", func(t *testing.T) {
			for name, test := range tests {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					test(t)
				})
			}
		})
		expectNoDenials(t, m)
	})
}

func testIPv4(t *testing.T) {
	n := newNode(t, cluster.Network{Range: "10.0.0.0/24"})
	n.add(t, in("web-0"), "10.0.0.1/24")
	n.add(t, in("web-1"), "10.0.0.2/24")
	n.expectPools(t, "10.0.0.0-24")
	n.expectAllocations(t, allocationOf("10.0.0.1", in("web-0")), allocationOf("10.0.0.2", in("web-1")))
	n.del(t, in("web-0"))
	n.add(t, in("web-2"), "10.0.0.1/24")
	n.del(t, in("web-1"))
	n.del(t, in("web-2"))
	n.expectAllocations(t)
}

func testIPv6(t *testing.T) {
	n := newNode(t, cluster.Network{Range: "2001:DB8:0::/64"})
	n.add(t, in("web-0"), "2001:db8::1/64")
	n.expectPools(t, "2001-db8---64")
	n.expectAllocations(t, allocationOf("2001:db8::1", in("web-0")))
	n.del(t, in("web-0"))
	n.expectAllocations(t)
}

func testBothFamilies(t *testing.T) {
	n := newNode(t, cluster.Network{Ranges: []cluster.Network{{Range: "10.0.0.0/24"}, {Range: "2001:db8::/64"}}})
	n.add(t, in("web-0"), "10.0.0.1/24", "2001:db8::1/64")
	n.expectPools(t, "10.0.0.0-24", "2001-db8---64")
	n.del(t, in("web-0"))
	n.expectAllocations(t)
}

func testNamedNetwork(t *testing.T) {
	n := newNode(t, cluster.Network{Range: "10.0.0.0/24", NetworkName: "blue"})
	n.add(t, in("web-0"), "10.0.0.1/24")
	green := n.on(cluster.Network{Range: "10.0.0.0/24", NetworkName: "green"})
	green.add(t, in("web-1"), "10.0.0.1/24") // another network, so another address space
	n.expectPools(t, "blue-10.0.0.0-24", "green-10.0.0.0-24")
	n.del(t, in("web-0"))
	green.del(t, in("web-1"))
	n.expectAllocations(t)
}

func testExclusions(t *testing.T) {
	n := newNode(t, cluster.Network{Range: "10.0.0.0/24", Exclude: []string{"10.0.0.0/30", "10.0.0.5"}})
	n.add(t, in("web-0"), "10.0.0.4/24")
	n.add(t, in("web-1"), "10.0.0.6/24")
	n.del(t, in("web-0"))
	n.del(t, in("web-1"))
	n.expectAllocations(t)
}

func testStartAndEnd(t *testing.T) {
	n := newNode(t, cluster.Network{Range: "10.0.0.0/16", RangeStart: "10.0.0.255", RangeEnd: "10.0.1.0"})
	n.add(t, in("web-0"), "10.0.0.255/16") // inside a /16, these two addresses have no special meaning
	n.add(t, in("web-1"), "10.0.1.0/16")
	n.expectExhausted(t, in("web-2"))
	n.del(t, in("web-0"))
	n.del(t, in("web-1"))
	n.expectAllocations(t)
}

func testThreeInterfaces(t *testing.T) {
	n := newNode(t, cluster.Network{Range: "10.0.0.0/24"})
	web := in("web-0")
	n.add(t, web, "10.0.0.1/24")
	n.add(t, named(web, "net2"), "10.0.0.2/24")
	n.add(t, named(web, "net3"), "10.0.0.3/24")
	n.del(t, named(web, "net2"))
	n.expectAllocations(t, allocationOf("10.0.0.1", web), allocationOf("10.0.0.3", named(web, "net3")))
	n.del(t, web)
	n.del(t, named(web, "net3"))
	n.expectAllocations(t)
}

// testSandboxRestart replaces a sandbox as the container runtime does. The DEL for the first sandbox is late. The allocation
// stays at its offset, and only its id changes.
func testSandboxRestart(t *testing.T) {
	n := newNode(t, cluster.Network{Range: "10.0.0.0/24"})
	first, second := in("web-0"), restarted(in("web-0"))
	n.add(t, first, "10.0.0.1/24")
	n.expectStored(t, map[string]v1alpha1.IPAllocation{"1": allocation(first)})
	n.add(t, second, "10.0.0.1/24")
	n.expectStored(t, map[string]v1alpha1.IPAllocation{"1": allocation(second)})
	n.expectReservations(t, "10.0.0.1 default/web-0")
	n.del(t, first) // late: the allocation has the id of the second sandbox
	n.expectAllocations(t, allocationOf("10.0.0.1", second))
	n.del(t, second)
	n.expectAllocations(t)
}

func testIdempotentAdd(t *testing.T) {
	n := newNode(t, cluster.Network{Range: "10.0.0.0/24"})
	for range 2 {
		n.add(t, in("web-0"), "10.0.0.1/24")
		n.expectAllocations(t, allocationOf("10.0.0.1", in("web-0")))
	}
	n.del(t, in("web-0"))
	n.expectAllocations(t)
}

func testDelTwice(t *testing.T) {
	n := newNode(t, cluster.Network{Range: "10.0.0.0/24"})
	n.del(t, in("web-0")) // never added
	n.add(t, in("web-0"), "10.0.0.1/24")
	n.del(t, in("web-0"))
	n.del(t, in("web-0"))
	n.expectAllocations(t)
}

func testOverlappingOn(t *testing.T) {
	n := newNode(t, cluster.Network{Range: "10.0.0.0/24"})
	half := n.on(cluster.Network{Range: "10.0.0.0/25"})
	n.add(t, in("web-0"), "10.0.0.1/24")
	half.add(t, in("web-1"), "10.0.0.2/25")
	n.expectReservations(t, "10.0.0.1 default/web-0", "10.0.0.2 default/web-1")
	n.del(t, in("web-0"))
	half.del(t, in("web-1"))
	n.expectReservations(t)
	n.expectAllocations(t)
}

func testOverlappingOff(t *testing.T) {
	n := newNode(t, cluster.Network{Range: "10.0.0.0/24", OverlappingRanges: new(false)})
	half := n.on(cluster.Network{Range: "10.0.0.0/25", OverlappingRanges: new(false)})
	n.add(t, in("web-0"), "10.0.0.1/24")
	half.add(t, in("web-1"), "10.0.0.1/25")
	n.expectReservations(t)
	n.del(t, in("web-0"))
	half.del(t, in("web-1"))
	n.expectAllocations(t)
}

// testFullPool uses the smallest ranges from which Whereabouts can assign addresses: two of four, without the first and the
// last.
func testFullPool(t *testing.T) {
	for _, c := range []struct{ network, first, second string }{
		{"10.0.0.0/30", "10.0.0.1/30", "10.0.0.2/30"},
		{"2001:db8::/126", "2001:db8::1/126", "2001:db8::2/126"},
	} {
		n := newNode(t, cluster.Network{Range: c.network})
		n.add(t, in("web-0"), c.first)
		n.add(t, in("web-1"), c.second)
		n.expectExhausted(t, in("web-2"))
		n.expectAllocations(t, allocationOf(address(c.first), in("web-0")), allocationOf(address(c.second), in("web-1")))
		n.del(t, in("web-0"))
		n.add(t, in("web-2"), c.first)
		n.del(t, in("web-1"))
		n.del(t, in("web-2"))
		n.expectAllocations(t)
	}
}

// testTooSmall uses the ranges from which Whereabouts cannot assign any address, even if the network sets start and end.
// Whereabouts creates their pools before it detects this.
func testTooSmall(t *testing.T) {
	for _, c := range []struct{ network, last, reason string }{
		{"10.0.0.0/31", "10.0.0.1", "{10.0.0.0 fffffffe}"},
		{"10.0.0.0/32", "10.0.0.0", "{10.0.0.0 ffffffff}"},
		{"2001:db8::/127", "2001:db8::1", "{2001:db8:: fffffffffffffffffffffffffffffffe}"},
		{"2001:db8::/128", "2001:db8::", "{2001:db8:: ffffffffffffffffffffffffffffffff}"},
	} {
		n := newNode(t, cluster.Network{Range: c.network})
		delimited := n.on(cluster.Network{Range: c.network, RangeStart: address(c.network), RangeEnd: c.last})
		for _, n := range []node{n, delimited} {
			_, err := n.Add(t.Context(), n.network, in("web-0"))
			want := "error at storage engine: net mask is too short, subnet " + c.reason + " has no usable IP addresses, it is too small"
			if err == nil || err.Error() != want {
				t.Errorf("%s: error %v, want %s", c.network, err, want)
			}
		}
		n.expectPools(t, strings.NewReplacer(":", "-", "/", "-").Replace(c.network))
		n.expectAllocations(t)
	}
}

// testTooSmallInUse stores an allocation in ranges from which Whereabouts cannot assign any address. An ADD for its pod finds
// it, and a DEL releases it.
func testTooSmallInUse(t *testing.T) {
	for _, network := range []string{"10.0.0.0/31", "2001:db8::/128"} {
		n := newNode(t, cluster.Network{Range: network})
		n.store(t, strings.NewReplacer(":", "-", "/", "-").Replace(network), network, map[string]v1alpha1.IPAllocation{
			"0": {ContainerID: "none", PodRef: "default/web-0", IfName: "net1"},
		})
		n.add(t, in("web-0"), network)
		n.del(t, in("web-0"))
		n.expectAllocations(t)
	}
}

func testHostBits(t *testing.T) {
	n := newNode(t, cluster.Network{Range: "10.0.0.7/24", RangeStart: "10.0.0.7"})
	n.add(t, in("web-0"), "10.0.0.7/24")
	n.expectPools(t, "10.0.0.0-24")
	n.del(t, in("web-0"))
	n.expectAllocations(t)
}

func testLongOffsets(t *testing.T) {
	n := newNode(t, cluster.Network{Range: "2001:db8::/64", RangeStart: "2001:db8::7000:0:0:1"})
	n.add(t, in("web-0"), "2001:db8::7000:0:0:1/64")
	n.add(t, in("web-1"), "2001:db8::7000:0:0:2/64")
	n.del(t, in("web-0"))
	n.del(t, in("web-1"))
	n.expectAllocations(t)
}

// expectExhausted expects that there is no address left for an interface. The error must be from Whereabouts itself, not from a
// denial.
func (n node) expectExhausted(t *testing.T, i cluster.Interface) {
	t.Helper()
	_, err := n.Add(t.Context(), n.network, i)
	if err == nil || !strings.Contains(err.Error(), "Could not allocate IP in range") {
		t.Errorf("error %v, want that the range has no free address", err)
	}
}

// expectReservations expects exactly these OverlappingRangeIPReservations, each "name podref".
func (n node) expectReservations(t *testing.T, want ...string) {
	t.Helper()
	reservations, err := n.Reservations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for name, podref := range reservations {
		got = append(got, name+" "+podref)
	}
	expectSame(t, "reservations", got, want)
}

// address returns the address of a prefix, without the prefix length.
func address(prefix string) string { return netip.MustParsePrefix(prefix).Addr().String() }
