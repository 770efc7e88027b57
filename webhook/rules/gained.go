package rules

import "ippool-webhook/webhook/ippool"

// AddMember reports that allocation i of the pool shares what only the other one should have. The groups are by the rule's
// Trait.
func (r *Report) AddMember(groups *ippool.Groups, field Field, i, other int) {
	f := Finding{Field: field, Kind: Duplicate, Entry: int32(i), Other: int32(other)}
	r.add(f, r.change != nil && !r.gained[groups.Group(i)])
}

// findGained finds out which groups contain an offset that they did not contain in the old pool.
func (r *Report) findGained(trait ippool.Trait) {
	if r.change == nil {
		return
	}
	n := len(r.pool.Allocations)
	if cap(r.gained) < n {
		r.gained = make([]bool, n)
	}
	r.gained = r.gained[:n]
	clear(r.gained)
	groups := r.pool.By(trait)
	for i := range n {
		group := groups.Group(i)
		if !r.gained[group] && groups.Size(i) > 1 && r.gains(i, trait) {
			r.gained[group] = true
		}
	}
}

// gains reports whether allocation i is new to its group. A group of one offset gains by a further key, and by a pod that did
// not have the offset beside another one.
func (r *Report) gains(i int, trait ippool.Trait) bool {
	if trait != ippool.SameOffset {
		return !r.change.Had(i, trait)
	}
	before := r.change.Before(i)
	return before < 0 || r.pool.By(trait).Size(i) > r.change.Old.By(trait).Size(before) || r.change.JoinsAnother(i)
}
