package ippool

import (
	"slices"
	"strings"
)

// IndexedPool is a pool with indexes over its allocations. It builds an index when it is first used, in memory that it keeps
// from one pool to the next. It must not be copied.
type IndexedPool struct {
	*Pool
	groups  [numIdentities]Groups
	members [numIdentities]members
}

// Index makes x an index of p, whose allocations must not change while x is used.
func (x *IndexedPool) Index(p *Pool) {
	x.Pool = p
	for id := range x.groups {
		x.groups[id].built, x.members[id].built = false, false
	}
}

// By returns the groups of allocations that are the same in a respect.
func (x *IndexedPool) By(id Identity) *Groups {
	g := &x.groups[id]
	if !g.built {
		g.build(x.Pool, id)
	}
	return g
}

// Shares reports whether any two allocations are the same in a respect. It builds as few groups as possible, because in most
// pools no two allocations are the same.
func (x *IndexedPool) Shares(id Identity) bool {
	switch id {
	case SameOffset:
		return x.NonCanonical > 0 && x.By(id).Shared() // canonical keys have different offsets
	case SamePodInterface:
		return x.By(SamePod).Shared() && x.By(id).Shared()
	default:
		return x.By(id).Shared()
	}
}

// Find returns the number of the allocation with this key, or -1.
func (x *IndexedPool) Find(key string) int {
	if x.Unsorted {
		return x.By(SameKey).find(&Allocation{Key: key})
	}
	i, found := slices.BinarySearchFunc(x.Allocations, key, func(a Allocation, key string) int { return strings.Compare(a.Key, key) })
	if !found {
		return -1
	}
	return i
}

// FindOffset returns the number of an allocation at the offset of a: the one with the same key if there is one, otherwise the
// first one in the order of Compare; or -1.
func (x *IndexedPool) FindOffset(a *Allocation) int {
	i := x.Find(a.Key)
	switch {
	case i >= 0 || a.Offset.CanonicalLength == 0:
		return i
	case x.NonCanonical > 0:
		offsets := x.By(SameOffset)
		if i = offsets.find(a); i < 0 {
			return -1
		}
		return offsets.First(i)
	case a.Offset.Canonical:
		return -1
	default:
		return x.Find(a.CanonicalKey())
	}
}
