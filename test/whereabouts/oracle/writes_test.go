package oracle

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"
)

// TestWhereaboutsWritesOneChangeAtATime runs the code of Whereabouts with random histories. Each UPDATE adds one allocation,
// removes one, replaces the id of one (after a sandbox restart), changes nothing (a repeated ADD) or, by the reconciler,
// removes several. So it never moves an owner to another offset, never replaces a podref, and never adds an ifname to an
// allocation. In a pool with host bits, or with keys outside its range, it does move owners: see TestWhereaboutsArithmetic.
func TestWhereaboutsWritesOneChangeAtATime(t *testing.T) {
	const n = histories / 4
	nodes := newNodes(t, "node-a", "node-b.example")
	met := forSeeds(t, n, func(_ *webhook, r *rand.Rand, met counts) error {
		h := &history{r: r, server: newServer(), network: newNetwork(r), nodes: nodes}
		return h.run(func(w write) error {
			kind, err := changeOf(w, h.cleaning)
			if err != nil {
				return fmt.Errorf("%w\n%s", err, w)
			}
			met[kind]++
			return nil
		})
	})
	met.require(t, "pool created", n/2)
	met.require(t, "allocation added", n)
	met.require(t, "allocation removed", n)
	met.require(t, "id replaced", n)
	met.require(t, "nothing", n)
	met.require(t, "several removed", n/10)
}

// changeOf returns the kind of change of a request of Whereabouts, and an error for a change that it must not make.
func changeOf(w write, cleaning bool) (string, error) {
	if w.old == nil {
		if len(w.object.Spec.Allocations) > 0 {
			return "", errors.New("a new pool has allocations")
		}
		return "pool created", nil
	}
	added, removed, replaced, err := changes(w.old.Spec.Allocations, w.object.Spec.Allocations)
	switch [3]int{added, removed, replaced} {
	case [3]int{}:
		return "nothing", err
	case [3]int{1, 0, 0}:
		return "allocation added", err
	case [3]int{0, 1, 0}:
		return "allocation removed", err
	case [3]int{0, 0, 1}:
		return "id replaced", err
	case [3]int{0, removed, 0}:
		if cleaning {
			return "several removed", err
		}
	}
	return "", errors.Join(err, fmt.Errorf("%d added, %d removed, %d replaced in one write", added, removed, replaced))
}

// changes counts the keys that were added, that were removed, and that have another id. Another podref or ifname is an error.
func changes(before, after map[string]v1alpha1.IPAllocation) (added, removed, replaced int, err error) {
	for key, is := range after {
		was, kept := before[key]
		switch {
		case !kept:
			added++
		case was.PodRef != is.PodRef || was.IfName != is.IfName:
			err = errors.Join(err, fmt.Errorf("key %s: %+v becomes %+v", key, was, is))
		case was != is:
			replaced++
		}
	}
	for key := range before {
		if _, kept := after[key]; !kept {
			removed++
		}
	}
	return added, removed, replaced, err
}
