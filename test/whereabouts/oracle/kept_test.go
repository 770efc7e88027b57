package oracle

import (
	"fmt"
	"net"
	"slices"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"
)

// checkKept returns an error if an update moves a pod to another address, or assigns the address of a pod to another pod.
func checkKept(w write) error {
	if w.old == nil {
		return nil
	}
	before, err := addresses(w.old)
	if err != nil {
		return nil //nolint:nilerr // no pod can have an address of a range that Whereabouts cannot read
	}
	after, err := addresses(w.object)
	if err != nil {
		return err
	}
	owners := ownersOf(w.old, before)
	for key, address := range after {
		owner := w.object.Spec.Allocations[key].PodRef
		if was, kept := before[key]; kept && w.old.Spec.Allocations[key].PodRef == owner && !was.Equal(address) {
			return fmt.Errorf("%s moves from %s to %s", owner, was, address)
		}
		if had := owners[address.String()]; len(had) > 0 && !slices.Contains(had, owner) {
			return fmt.Errorf("%s gets the address %s of %v", owner, address, had)
		}
	}
	return nil
}

// ownersOf returns the pods that have an address, by address. It leaves out addresses with an invalid podref, because any pod
// can be their owner.
func ownersOf(pool *v1alpha1.IPPool, read map[string]net.IP) map[string][]string {
	owners := map[string][]string{}
	for key, address := range read {
		if address == nil {
			continue // no pod can have it
		}
		owners[address.String()] = append(owners[address.String()], pool.Spec.Allocations[key].PodRef)
	}
	for address, podrefs := range owners {
		if slices.ContainsFunc(podrefs, func(podref string) bool { return !isPod(podref) }) {
			delete(owners, address)
		}
	}
	return owners
}
