package oracle

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/allocate"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/storage"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/storage/kubernetes"
	wbtypes "github.com/k8snetworkplumbingwg/whereabouts/pkg/types"
)

// open returns a pool as the code of Whereabouts opens it, and its server.
func open(pool *v1alpha1.IPPool) (storage.IPPool, *server, error) {
	s := newServer(pool)
	pools, err := kubernetes.NewKubernetesClient(s, nil).ListIPPools()
	if err != nil {
		return nil, nil, err
	}
	return pools[0], s, nil
}

// addresses returns the address that Whereabouts reads for each key; keys that it ignores are missing.
func addresses(pool *v1alpha1.IPPool) (map[string]net.IP, error) {
	marked := pool.DeepCopy()
	for key, allocation := range marked.Spec.Allocations {
		allocation.ContainerID = key // Whereabouts returns it with the address
		marked.Spec.Allocations[key] = allocation
	}
	opened, _, err := open(marked)
	if err != nil {
		return nil, err
	}
	read := map[string]net.IP{}
	for _, reservation := range opened.Allocations() {
		read[reservation.ContainerID] = reservation.IP
	}
	return read, nil
}

// rewritten returns the stored pool after Whereabouts has read it and written it back.
func rewritten(pool *v1alpha1.IPPool) (*v1alpha1.IPPool, error) {
	opened, s, err := open(pool)
	if err != nil {
		return nil, err
	}
	if err := opened.Update(context.Background(), opened.Allocations()); err != nil {
		return nil, err
	}
	return s.pools[pool.Name], nil
}

// checkRewritten returns an error if Whereabouts changes a pool when it reads and writes it.
func checkRewritten(pool *v1alpha1.IPPool) error {
	after, err := rewritten(pool)
	if err != nil {
		return fmt.Errorf("Whereabouts cannot write it back: %w", err)
	}
	if pool.Spec.Range != after.Spec.Range || !maps.Equal(pool.Spec.Allocations, after.Spec.Allocations) {
		return fmt.Errorf("Whereabouts writes it back as %s", encode(after))
	}
	return nil
}

// found returns the address that Whereabouts finds for the owner of an allocation.
func found(pool *v1alpha1.IPPool, read []wbtypes.IPReservation, owner v1alpha1.IPAllocation) net.IP {
	config := wbtypes.RangeConfiguration{Range: pool.Spec.Range}
	address, _, err := allocate.AssignIP(config, read, owner.ContainerID, owner.PodRef, owner.IfName)
	if err != nil {
		return nil
	}
	return address.IP
}

// read returns the allocations that Whereabouts reads from a pool, in a fixed order.
func read(pool *v1alpha1.IPPool) (string, error) {
	opened, _, err := open(pool)
	if err != nil {
		return "", err
	}
	var lines []string
	for _, r := range opened.Allocations() {
		lines = append(lines, fmt.Sprintf("%s has %s for %s on %q", r.ContainerID, r.IP, r.PodRef, r.IfName))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n"), nil
}
