package ippool

// members finds allocations by their offset and a trait, for offsets that have several keys. Its memory is reused from one
// pool to the next.
type members struct {
	index index
	built bool
}

// Has reports whether p has an allocation at the offset of a that shares the trait with a. The allocation with number at is
// one at this offset; where there is none, at is negative.
func (p *Pool) Has(at int, a *Allocation, t Trait) bool {
	if at < 0 {
		return false
	}
	if t.shared(a, &p.Allocations[at]) {
		return true
	}
	if p.NonCanonical == 0 || p.By(SameOffset).Size(at) == 1 {
		return false
	}
	return p.membersBy(t).find(memberHash(a, t), func(i int) bool {
		return a.SameOffset(&p.Allocations[i]) && t.shared(a, &p.Allocations[i])
	}) >= 0
}

// membersBy returns the table of the allocations at offsets with several keys: comparing the keys of such an offset one by
// one would take the square of their number.
func (p *Pool) membersBy(t Trait) *index {
	m := &p.members[t]
	if m.built {
		return &m.index
	}
	m.built = true
	m.index.reset(0)
	offsets := p.By(SameOffset)
	for i := range p.Allocations {
		if offsets.Size(i) == 1 {
			continue
		}
		a := &p.Allocations[i]
		m.index.findOrAdd(memberHash(a, t), i, func(j int) bool {
			return a.SameOffset(&p.Allocations[j]) && t.shared(a, &p.Allocations[j])
		})
	}
	return &m.index
}

func memberHash(a *Allocation, t Trait) uint64 { return combine(a.hashOffset(), t.hash(a)) }
