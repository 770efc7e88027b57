package oracle

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/storage/kubernetes"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// maxAllocations is the maximum number of allocations of a random pool.
const maxAllocations = 12

// poolMaker creates pools as users write them: about half of them have no findings.
type poolMaker struct {
	r      *rand.Rand
	prefix netip.Prefix
	// healthy is true for a pool with valid allocations only.
	healthy     bool
	allocations map[string]v1alpha1.IPAllocation
}

// newPool returns a pool.
func newPool(r *rand.Rand) *v1alpha1.IPPool {
	m := poolMaker{r: r, prefix: newPrefix(r), healthy: oneIn(r, 2), allocations: map[string]v1alpha1.IPAllocation{}}
	ipRange := m.prefix.String()
	if !m.healthy && oneIn(r, 4) {
		ipRange = malformed(r, m.prefix)
	}
	for range r.IntN(maxAllocations) {
		m.add()
	}
	return &v1alpha1.IPPool{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.SchemeGroupVersion.String(), Kind: "IPPool"},
		ObjectMeta: metav1.ObjectMeta{Name: m.name(ipRange), Namespace: namespace},
		Spec:       v1alpha1.IPPoolSpec{Range: ipRange, Allocations: m.allocations},
	}
}

func (m *poolMaker) name(ipRange string) string {
	if ipRange == "" || oneIn(m.r, 8) {
		return "other"
	}
	return kubernetes.IPPoolName(kubernetes.PoolIdentifier{IpRange: ipRange, NetworkName: pick(m.r, "", "net")})
}

func (m *poolMaker) add() {
	key := m.goodKey()
	if m.invalid() {
		key = m.badKey()
	}
	m.allocations[key] = m.allocation()
}

// invalid reports whether the next value must be invalid.
func (m *poolMaker) invalid() bool { return !m.healthy && oneIn(m.r, 10) }

// goodKey returns an offset in the range that Whereabouts can use.
func (m *poolMaker) goodKey() string {
	last := min(lastOffset(m.prefix), 1<<63-1)
	if m.prefix.Addr().Is4() {
		last = min(last, 1<<32-2)
	}
	offset := offsetUpTo(m.r, last)
	if oneIn(m.r, 4) {
		offset = last - min(last, m.r.Uint64N(3))
	}
	return strconv.FormatUint(offset, 10)
}

// badKey returns a key like those that users and programs write by mistake.
func (m *poolMaker) badKey() string {
	switch m.r.IntN(6) {
	case 0:
		return m.alias()
	case 1:
		return "-" + m.goodKey()
	case 2:
		return strconv.FormatUint(lastOffset(m.prefix)+m.r.Uint64N(4), 10)
	case 3:
		edge := pick[uint64](m.r, 1<<31, 1<<32, 1<<63)
		return strconv.FormatUint(edge-2+m.r.Uint64N(4), 10)
	case 4:
		return pick(m.r, "18446744073709551615", "18446744073709551616", "18446744073709551621", "340282366920938463463374607431768211455")
	default:
		return pick(m.r, "", " 5", "5 ", "1e3", "0x5", "1_000", "5.0", "-0", "+", "a", "a/b", "٥", "10.0.0.5")
	}
}

// alias returns another key of the offset of an existing key, if there is one.
func (m *poolMaker) alias() string {
	key := m.goodKey()
	if keys := slices.Sorted(maps.Keys(m.allocations)); len(keys) > 0 {
		key = pick(m.r, keys...)
	}
	return pick(m.r, "0", "00", "+", "+0") + key
}

func (m *poolMaker) allocation() v1alpha1.IPAllocation {
	n := len(m.allocations)
	a := v1alpha1.IPAllocation{
		ContainerID: fmt.Sprintf("%064x", m.r.Uint64()),
		PodRef:      fmt.Sprintf("%s/web-%d", pick(m.r, "default", "kube-system"), n),
		IfName:      pick(m.r, "", "net1", "net2"),
	}
	if m.invalid() {
		a.PodRef = pick(m.r, "", "web-0", "default/", "/web-0", "default/web/0", "Default/web-0")
	}
	if m.invalid() {
		a.PodRef = fmt.Sprintf("default/web-%d", m.r.IntN(n+1))
	}
	if m.invalid() {
		a.ContainerID = pick(m.r, "", "1", "1")
	}
	if m.invalid() {
		a.IfName = pick(m.r, "a/b", "..", "much-too-long-for-linux", "net 1")
	}
	return a
}

// edited returns a copy of a pool with changes like those of users. It keeps most of the content.
func edited(r *rand.Rand, pool *v1alpha1.IPPool) *v1alpha1.IPPool {
	after := pool.DeepCopy()
	other := newPool(r)
	allocations := after.Spec.Allocations
	for _, key := range slices.Sorted(maps.Keys(allocations)) {
		edit(r, allocations, key)
	}
	if oneIn(r, 2) {
		maps.Copy(allocations, other.Spec.Allocations)
	}
	if oneIn(r, 16) {
		after.Spec.Range = other.Spec.Range
	}
	if prefix, err := netip.ParsePrefix(after.Spec.Range); err == nil && oneIn(r, 8) {
		after.Spec.Range = malformed(r, prefix)
	}
	return after
}

// edit changes one allocation as users do.
func edit(r *rand.Rand, allocations map[string]v1alpha1.IPAllocation, key string) {
	a := allocations[key]
	switch r.IntN(24) {
	case 0, 1, 2:
		delete(allocations, key)
	case 3:
		a.ContainerID = fmt.Sprintf("%064x", r.Uint64())
		allocations[key] = a
	case 4:
		a.PodRef = pick(r, "", "default/other", "default/web-0")
		allocations[key] = a
	case 5:
		a.IfName = pick(r, "", "net1", "net3")
		allocations[key] = a
	case 6:
		delete(allocations, key)
		allocations[pick(r, "0", "+")+key] = a
	case 7:
		allocations[pick(r, "0", "+")+key] = a
	case 10:
		delete(allocations, key)
		allocations["1"+key] = a
	case 8, 9:
		delete(allocations, key)
		a.PodRef = pick(r, a.PodRef, "default/other")
		allocations[cmp.Or(strings.TrimLeft(key, "+0"), "0")] = a
	}
}
