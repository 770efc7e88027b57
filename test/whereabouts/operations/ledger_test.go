package operations

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/storage/kubernetes"

	"ippool-webhook/test/whereabouts/cluster"
)

// ledger counts operations and their failures.
type ledger struct {
	operations, denied, unrecorded, leaked atomic.Int64
	// added counts allocations that exist only after an operation, released those that exist only before. Whereabouts writes each
	// of them separately.
	added, released atomic.Int64
}

// String returns the last line of the output.
func (l *ledger) String() string {
	return fmt.Sprintf("%d operations, %d denied, %d unrecorded, %d leaked",
		l.operations.Load(), l.denied.Load(), l.unrecorded.Load(), l.leaked.Load())
}

// add assigns addresses to an interface, and checks that the pools record them.
func (l *ledger) add(ctx context.Context, n node, i cluster.Interface) ([]netip.Prefix, error) {
	before, err := n.Allocations(ctx)
	if err != nil {
		return nil, err
	}
	l.operations.Add(1)
	addresses, err := n.Add(ctx, n.network, i)
	if err != nil {
		l.denied.Add(1)
		return nil, fmt.Errorf("ADD %s %s: %w", i.PodRef(), i.Name, err)
	}
	allocations, err := n.Allocations(ctx)
	if err != nil {
		return nil, err
	}
	for _, address := range addresses {
		if !recorded(allocations, address.Addr(), i) {
			l.unrecorded.Add(1)
			return nil, fmt.Errorf("ADD %s %s gave %s, which no pool records", i.PodRef(), i.Name, address)
		}
		if !recorded(before, address.Addr(), i) {
			l.added.Add(1)
		}
	}
	return addresses, nil
}

// recorded reports whether a pool records the address for the interface.
func recorded(allocations []cluster.Allocation, address netip.Addr, i cluster.Interface) bool {
	return slices.ContainsFunc(allocations, func(a cluster.Allocation) bool { return a.Address == address && a.Of(i) })
}

// del releases the addresses of an interface, and checks that nothing is left.
func (l *ledger) del(ctx context.Context, n node, i cluster.Interface) error {
	before, err := n.Allocations(ctx)
	if err != nil {
		return err
	}
	l.operations.Add(1)
	if err := n.Del(ctx, n.network, i); err != nil {
		l.denied.Add(1)
		return fmt.Errorf("DEL %s %s: %w", i.PodRef(), i.Name, err)
	}
	if err := left(ctx, n, i, before); err != nil {
		l.leaked.Add(1)
		return fmt.Errorf("DEL %s %s: %w", i.PodRef(), i.Name, err)
	}
	for _, r := range before {
		if r.Of(i) {
			l.released.Add(1)
		}
	}
	return nil
}

// left returns an error if a pool or a reservation still records an interface. before has the allocations before the DEL.
func left(ctx context.Context, n node, i cluster.Interface, before []cluster.Allocation) error {
	after, err := n.Allocations(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(after, func(a cluster.Allocation) bool { return a.Of(i) }) {
		return errors.New("a pool still records it")
	}
	reservations, err := n.Reservations(ctx)
	if err != nil {
		return err
	}
	for _, r := range before {
		name := kubernetes.NormalizeIP(r.Address.AsSlice(), n.network.NetworkName)
		if r.Of(i) && reservations[name] == i.PodRef() {
			return fmt.Errorf("OverlappingRangeIPReservation %s is still there", name)
		}
	}
	return nil
}

// expectSame compares two lists and ignores their order.
func expectSame(t *testing.T, what string, got, want []string) {
	t.Helper()
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got))); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
