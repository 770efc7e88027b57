package ippool

// members finds allocations by their offset and an identity, for offsets that have several keys.
type members struct {
	table table
	built bool
}

// Has reports whether x has an allocation at the offset of a that is the same as a in a respect. The allocation with number
// at is one at this offset; at is negative if there is no such allocation.
func (x *IndexedPool) Has(at int, a *Allocation, id Identity) bool {
	if at < 0 {
		return false
	}
	if id.same(a, &x.Allocations[at]) {
		return true
	}
	if x.NonCanonical == 0 || x.By(SameOffset).Size(at) == 1 {
		return false
	}
	return x.membersBy(id).find(memberHash(a, id), func(i int) bool {
		return a.SameOffset(&x.Allocations[i]) && id.same(a, &x.Allocations[i])
	}) >= 0
}

// membersBy returns the table of the allocations at offsets with several keys. To compare the keys of such an offset one by
// one would take time in the square of their number.
func (x *IndexedPool) membersBy(id Identity) *table {
	m := &x.members[id]
	if m.built {
		return &m.table
	}
	m.built = true
	m.table.reset(0)
	offsets := x.By(SameOffset)
	for i := range x.Allocations {
		if offsets.Size(i) == 1 {
			continue
		}
		a := &x.Allocations[i]
		m.table.findOrAdd(memberHash(a, id), i, func(j int) bool {
			return a.SameOffset(&x.Allocations[j]) && id.same(a, &x.Allocations[j])
		})
	}
	return &m.table
}

func memberHash(a *Allocation, id Identity) uint64 { return combine(a.hashOffset(), id.hash(a)) }
