package oracle

import (
	"fmt"
	"net"
	"slices"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/iphelpers"
)

// defects counts the defects of a pool, by description. A defect is a part of a pool that Whereabouts cannot use.
type defects map[string]int

// defectsOf returns the defects of a pool, and an error if Whereabouts cannot read it at all.
func defectsOf(pool *v1alpha1.IPPool) (defects, error) {
	first, network, err := pool.ParseCIDR()
	if err != nil {
		return nil, err
	}
	read, err := addresses(pool)
	if err != nil {
		return nil, err
	}
	d := defects{}
	if !first.Equal(network.IP) {
		d["offsets start at "+first.String()]++
	}
	for key := range pool.Spec.Allocations {
		switch address, ok := read[key]; {
		case !ok:
			d[fmt.Sprintf("key %q is not read", key)]++
		case address == nil:
			d[fmt.Sprintf("key %q is not an address", key)]++
		default:
			d.addAddress(key, address, first, network)
		}
	}
	d.addShared(read)
	return d, d.addLost(pool)
}

// addAddress adds the defects of an allocation that denotes an address.
func (d defects) addAddress(key string, address, first net.IP, network *net.IPNet) {
	if !network.Contains(address) {
		d[fmt.Sprintf("%s is outside of the range", address)]++
	}
	if !first.Equal(network.IP) {
		return // host bits are a defect already, and cause wrong offsets: see TestWhereaboutsArithmetic
	}
	if offset, err := iphelpers.IPGetOffset(address, first); err != nil || fmt.Sprint(offset) != key {
		d[fmt.Sprintf("key %q is written back as %d, %v", key, offset, err)]++
	}
}

// addShared adds the addresses that have several allocations.
func (d defects) addShared(read map[string]net.IP) {
	allocations := map[string]int{}
	for _, address := range read {
		allocations[address.String()]++
	}
	for address, n := range allocations {
		if n > 1 {
			d[address+" has several allocations"] = n
		}
	}
}

// addLost adds the addresses whose owners Whereabouts finds at another address. It counts several allocations of one owner and
// address once, because Whereabouts reads them in random order and the count must not be random.
func (d defects) addLost(pool *v1alpha1.IPPool) error {
	opened, _, err := open(pool)
	if err != nil {
		return err
	}
	read := opened.Allocations()
	counted := map[string]bool{}
	for _, r := range slices.Clone(read) {
		address := r.PodRef + " " + r.IfName + " " + r.IP.String()
		if counted[address] {
			continue
		}
		counted[address] = true
		owner := v1alpha1.IPAllocation{ContainerID: r.ContainerID, PodRef: r.PodRef, IfName: r.IfName}
		if !found(pool, read, owner).Equal(r.IP) {
			d[lost(r.PodRef, r.IfName)]++
		}
	}
	return nil
}

func lost(podref, ifname string) string {
	return fmt.Sprintf("%s on %q finds another allocation", podref, ifname)
}

// beyond returns the defects that d has more often than before.
func (d defects) beyond(before defects) []string {
	var more []string
	for what, n := range d {
		if n > before[what] {
			more = append(more, what)
		}
	}
	slices.Sort(more)
	return more
}
