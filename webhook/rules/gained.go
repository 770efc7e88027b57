package rules

import "ippool-webhook/webhook/ippool"

// AddMember reports that allocation i has the same Identity as allocation conflict, which only one of them should have.
func (r *Report) AddMember(groups *ippool.Groups, field Field, i, conflict int) {
	f := Finding{Field: field, Kind: Duplicate, Item: int32(i), Conflict: int32(conflict), Old: -1}
	r.add(f, r.change != nil && !r.gained[groups.Group(i)])
}

// findGained finds out which groups contain an offset that they did not contain in the old pool.
func (r *Report) findGained(id ippool.Identity) {
	if r.change == nil {
		return
	}
	n := len(r.pool.Allocations)
	if cap(r.gained) < n {
		r.gained = make([]bool, n)
	}
	r.gained = r.gained[:n]
	clear(r.gained)
	groups := r.pool.By(id)
	for i := range n {
		group := groups.Group(i)
		if !r.gained[group] && groups.Size(i) > 1 && r.gains(i, id) {
			r.gained[group] = true
		}
	}
}

// gains reports whether allocation i is new to its group. A group of one offset gains a member with an additional key, and with
// a pod that did not have the offset together with another pod.
func (r *Report) gains(i int, id ippool.Identity) bool {
	if id != ippool.SameOffset {
		return !r.change.Had(i, id)
	}
	before := r.change.Before(i)
	return before < 0 || r.pool.By(id).Size(i) > r.change.Old.By(id).Size(before) || r.change.JoinsAnother(i)
}
