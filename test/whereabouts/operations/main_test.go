// Package operations runs Whereabouts on a real API server with the webhook, and checks every operation: none is denied, each
// address has its allocation, and each allocation has its address.
package operations

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"

	"ippool-webhook/test/environment"
	"ippool-webhook/test/whereabouts/cluster"
)

// suite is the cluster that all tests share.
//
//nolint:gochecknoglobals // a control plane is started once for all tests, and TestMain has no other way to hand it on
var suite struct {
	*cluster.Cluster
	ledger
	before progress // at the start of the webhook
}

// mode is the mode of requests of Whereabouts. Its value is the component of the manifests that sets the mode.
type mode string

const (
	skip    mode = ""
	observe mode = "whereabouts-observe"
	enforce mode = "whereabouts-enforce"
)

func TestMain(m *testing.M) {
	code := cluster.Main(m, environment.Options{WhereaboutsTimeoutSeconds: 5}, func(c *cluster.Cluster) error { // long enough for an answer to every call
		suite.Cluster = c
		return nil
	})
	if code != 0 {
		fmt.Print("FAILED ")
	}
	fmt.Println("whereabouts:", &suite.ledger)
	os.Exit(code)
}

// inEachMode runs a test in each mode, beginning with the default.
func inEachMode(t *testing.T, test func(t *testing.T, m mode)) {
	t.Helper()
	for _, c := range []struct {
		name string
		mode mode
	}{{"Skip", skip}, {"Observe", observe}, {"Enforce", enforce}} {
		t.Run(c.name, func(t *testing.T) {
			restart(t, c.mode)
			test(t, c.mode)
		})
	}
}

// restart restarts the webhook, so that its counters are zero, and sets a mode.
func restart(t *testing.T, m mode) {
	t.Helper()
	var components []string
	if m != skip {
		components = []string{string(m)}
	}
	if err := suite.Configure(t.Context(), components...); err != nil {
		t.Fatal(err)
	}
	if err := suite.Webhook.Restart(t.Context(), environment.Options{}); err != nil {
		t.Fatal(err)
	}
	suite.before = now(t)
}

// node is a container runtime whose operations are counted.
type node struct {
	*cluster.Runtime
	network cluster.Network
}

// newNode returns a node with a network, whose pools are in a new namespace.
func newNode(t *testing.T, network cluster.Network) node {
	t.Helper()
	runtime, err := suite.Runtime(t.Context(), t.TempDir(), "node-1")
	if err != nil {
		t.Fatal(err)
	}
	return node{runtime, network}
}

// on returns the node with another network, in the same namespace.
func (n node) on(network cluster.Network) node { return node{n.Runtime, network} }

// add assigns addresses to an interface, and expects the addresses want.
func (n node) add(t *testing.T, i cluster.Interface, want ...string) {
	t.Helper()
	addresses, err := suite.add(t.Context(), n, i)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, address := range addresses {
		got = append(got, address.String())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%s %s got %v, want %v", i.PodRef(), i.Name, got, want)
	}
}

// del releases the addresses of an interface.
func (n node) del(t *testing.T, i cluster.Interface) {
	t.Helper()
	if err := suite.del(t.Context(), n, i); err != nil {
		t.Fatal(err)
	}
}

// expectAllocations expects exactly these allocations, each "address container podref ifname".
func (n node) expectAllocations(t *testing.T, want ...string) {
	t.Helper()
	allocations, err := n.Allocations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range allocations {
		got = append(got, strings.Join([]string{r.Address.String(), r.ContainerID, r.PodRef, r.IfName}, " "))
	}
	suite.unrecorded.Add(count(want, got))
	suite.leaked.Add(count(got, want))
	expectSame(t, "allocations", got, want)
}

// count returns how many items of a list are not in another list.
func count(some, others []string) (n int64) {
	for _, s := range some {
		if !slices.Contains(others, s) {
			n++
		}
	}
	return n
}

// expectPools expects exactly the pools with these names.
func (n node) expectPools(t *testing.T, want ...string) {
	t.Helper()
	pools, err := n.Pools(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, pool := range pools {
		got = append(got, pool.Name)
	}
	expectSame(t, "pools", got, want)
}

// in returns an interface net1 of a pod in its first sandbox.
func in(pod string) cluster.Interface {
	return cluster.Interface{Namespace: "default", Pod: pod, ContainerID: pod + "-sandbox-1", Name: "net1"}
}

// named returns the interface with another name.
func named(i cluster.Interface, name string) cluster.Interface {
	i.Name = name
	return i
}

// restarted returns the interface after its sandbox was replaced.
func restarted(i cluster.Interface) cluster.Interface {
	i.ContainerID = strings.TrimSuffix(i.ContainerID, "1") + "2"
	return i
}

// allocationOf returns the allocation of an interface in the format of expectAllocations.
func allocationOf(address string, i cluster.Interface) string {
	return strings.Join([]string{netip.MustParseAddr(address).String(), i.ContainerID, i.PodRef(), i.Name}, " ")
}

// allocation returns the stored allocation of an interface.
func allocation(i cluster.Interface) v1alpha1.IPAllocation {
	return v1alpha1.IPAllocation{ContainerID: i.ContainerID, PodRef: i.PodRef(), IfName: i.Name}
}

// inside reports whether an address is in a range.
func inside(cidr string, address netip.Addr) bool {
	return netip.MustParsePrefix(cidr).Contains(address)
}
