package operations

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"ippool-webhook/test/whereabouts/cluster"
)

// testConcurrent ends 100 pods while 100 others start, on three nodes, with 16 calls at a time, each in its own process. All
// calls need the same lease. If a DEL does not get the lease within a minute, Whereabouts stops it and reports success. So the
// calls retry more often than by default, about as often as client-go allows.
func testConcurrent(t *testing.T) {
	nodes := threeNodes(t, cluster.Network{Range: "10.0.0.0/22", LeaderRetryPeriod: 200})
	var old, young, coming []call
	for i := range 100 {
		n := nodes[i%len(nodes)]
		old = append(old, call{n, in(fmt.Sprintf("old-%d", i)), true})
		young = append(young, call{n, in(fmt.Sprintf("young-%d", i)), true})
	}
	together(t, old)
	for i := range old {
		coming = append(coming, call{old[i].node, old[i].Interface, false}, young[i])
	}
	together(t, coming)

	allocations, err := nodes[0].Allocations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, r := range allocations {
		got = append(got, r.PodRef)
		if slices.ContainsFunc(allocations, func(other cluster.Allocation) bool { return other.Address == r.Address && other != r }) {
			t.Errorf("%s has two allocations", r.Address)
		}
	}
	for _, c := range young {
		want = append(want, c.PodRef())
	}
	expectSame(t, "pods with an allocation", got, want)
	for i := range young {
		young[i].add = false
	}
	together(t, young)
	nodes[0].expectAllocations(t)
}

// threeNodes returns nodes that share their pools.
func threeNodes(t *testing.T, network cluster.Network) []node {
	t.Helper()
	nodes := []node{newNode(t, network)}
	for _, name := range []string{"node-2", "node-3"} {
		runtime, err := suite.RuntimeIn(t.TempDir(), name, nodes[0].Namespace)
		if err != nil {
			t.Fatal(err)
		}
		nodes = append(nodes, node{runtime, network})
	}
	return nodes
}

// call is an ADD or a DEL.
type call struct {
	node
	cluster.Interface
	add bool
}

// together makes calls, 16 at a time.
func together(t *testing.T, calls []call) {
	t.Helper()
	var group sync.WaitGroup
	turns := make(chan struct{}, 16)
	for _, c := range calls {
		group.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			if err := c.make(t); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func (c call) make(t *testing.T) error {
	if c.add {
		_, err := suite.add(t.Context(), c.node, c.Interface)
		return err
	}
	return suite.del(t.Context(), c.node, c.Interface)
}
