package ippool

// Change is an update of a pool. Allocations are identified by their offsets, however the keys are spelled. It is reused by
// Compare.
type Change struct {
	Old, New *Pool
	// RangeKnown says that the old pool had a range, or a malformed one with one evident meaning. Old.Range is that
	// meaning.
	RangeKnown bool

	// Changed holds the numbers of the allocations of New that Old does not have in the same words.
	Changed []int32

	// before leads from the number of an allocation in New to that of one in Old at the same offset, the one with the same
	// key if there is one, or to -1; after leads from Old to New.
	before, after []int32
	afterBuilt    bool

	left                  index
	leftFirst             []int32 // by the number that is in left
	leftBuilt             bool
	owners, newOwners     []owners // of Old and of New, by the allocation that stands for an offset
	ownersBuilt, newBuilt bool
}

// Compare makes c the change from old to updated.
func (c *Change) Compare(old, updated *Pool) {
	c.Old, c.New, c.afterBuilt, c.leftBuilt, c.ownersBuilt, c.newBuilt = old, updated, false, false, false, false
	c.RangeKnown = old.Counted.IsValid()
	old.Range = old.Counted
	c.before = align(c.before, updated, old)
	c.Changed = c.Changed[:0]
	for i := range updated.Allocations {
		if before := c.before[i]; before < 0 || updated.Allocations[i] != old.Allocations[before] {
			c.Changed = append(c.Changed, int32(i))
		}
	}
}

// align leads from each allocation of one pool to one at the same offset in another.
func align(to []int32, from, into *Pool) []int32 {
	to = sized(to, len(from.Allocations))
	next := 0 // both pools mostly have the same keys in the same order
	for i := range from.Allocations {
		a := &from.Allocations[i]
		at := next
		if at >= len(into.Allocations) || into.Allocations[at].Key != a.Key {
			at = into.find(a)
		}
		to[i] = int32(at)
		if at >= 0 {
			next = at + 1
		}
	}
	return to
}

// Before returns the number of an allocation that Old has at the offset of allocation i of New, or -1.
func (c *Change) Before(i int) int { return int(c.before[i]) }

// After returns the number of an allocation that New has at the offset of allocation i of Old, or -1.
func (c *Change) After(i int) int {
	if !c.afterBuilt {
		c.after, c.afterBuilt = align(c.after, c.Old, c.New), true
	}
	return int(c.after[i])
}

// Had reports whether Old has an allocation at the offset of allocation i of New that shares the trait with it.
func (c *Change) Had(i int, t Trait) bool { return c.Old.Has(c.Before(i), &c.New.Allocations[i], t) }

// Keeps reports whether New has an allocation at the offset of allocation i of Old that shares the trait with it.
func (c *Change) Keeps(i int, t Trait) bool { return c.New.Has(c.After(i), &c.Old.Allocations[i], t) }

// Offsets returns how many offsets Old has allocations at, and at how many of these New has none.
func (c *Change) Offsets() (old, removed int) {
	if c.Old.NonCanonical == 0 && c.New.NonCanonical == 0 {
		old = len(c.Old.Allocations)
		return old, old - c.kept()
	}
	for i := range c.Old.Allocations {
		if c.Old.NonCanonical > 0 && c.Old.By(SameOffset).Group(i) != i {
			continue // another key of an offset that has been counted
		}
		old++
		if c.After(i) < 0 {
			removed++
		}
	}
	return old, removed
}

// kept returns how many allocations of New have one in Old at their offset.
func (c *Change) kept() int {
	n := 0
	for _, before := range c.before {
		if before >= 0 {
			n++
		}
	}
	return n
}

// MovedFrom returns the number of an allocation of Old whose owner left its offset and has the offset of allocation i of New
// instead, or -1. Only owners with an id move, and only between offsets that are readable.
func (c *Change) MovedFrom(i int) int {
	a := &c.New.Allocations[i]
	if !a.Offset.Readable || !SameOwner.groups(a) || c.Had(i, SameOwner) {
		return -1
	}
	if !c.leftBuilt {
		c.findLeft()
	}
	from := c.left.find(SameOwner.hash(a), func(j int) bool { return SameOwner.shared(a, &c.Old.Allocations[j]) })
	if from < 0 {
		return -1
	}
	return int(c.leftFirst[from])
}

// findLeft finds the allocations of Old whose owners left their offsets, of several with one owner the first.
func (c *Change) findLeft() {
	c.leftBuilt = true
	c.left.reset(0)
	c.leftFirst = sized(c.leftFirst, len(c.Old.Allocations))
	for j := range c.Old.Allocations {
		a := &c.Old.Allocations[j]
		if !a.Offset.Readable || !SameOwner.groups(a) || c.Keeps(j, SameOwner) {
			continue
		}
		owner := c.left.findOrAdd(SameOwner.hash(a), j, func(k int) bool { return SameOwner.shared(a, &c.Old.Allocations[k]) })
		if owner == j || c.Old.Less(j, int(c.leftFirst[owner])) {
			c.leftFirst[owner] = int32(j)
		}
	}
}

// TakenFrom returns the number of an allocation of Old whose pod has the offset that allocation i of New gives to a pod which
// did not have it, or -1. It does not matter whether the first pod keeps the offset, under another key. An allocation whose
// podref does not name a pod is nobody's, and pods with one ipamclaimref may follow one another.
func (c *Change) TakenFrom(i int) int {
	before := c.Before(i)
	if before < 0 || c.Had(i, SamePod) {
		return -1
	}
	o := owners{first: int32(before), claim: c.Old.Allocations[before].ClaimRef}
	switch {
	case c.Old.NonCanonical > 0:
		if !c.ownersBuilt {
			c.owners, c.ownersBuilt = findOwners(c.owners, c.Old), true
		}
		o = c.owners[c.Old.By(SameOffset).Group(before)]
	case !c.Old.Allocations[before].namesPod():
		return -1
	}
	if o.claim != "" && o.claim == c.New.Allocations[i].ClaimRef {
		return -1
	}
	return int(o.first)
}

// JoinsAnother reports whether New gives the offset of allocation i to a pod that did not have it, and to another pod under
// another key.
func (c *Change) JoinsAnother(i int) bool {
	if !c.New.Allocations[i].namesPod() || c.Had(i, SamePod) {
		return false
	}
	if !c.newBuilt {
		c.newOwners, c.newBuilt = findOwners(c.newOwners, c.New), true
	}
	return c.newOwners[c.New.By(SameOffset).Group(i)].several
}

// owners says whose an offset is.
type owners struct {
	// first is the number of the first allocation that names a pod, or -1.
	first int32
	// claim is the ipamclaimref of all of them, or empty where they differ.
	claim string
	// several says that they name several pods.
	several bool
}

// findOwners finds whose the offsets of a pool are, by the allocations that stand for them.
func findOwners(found []owners, p *Pool) []owners {
	found = found[:0]
	for range p.Allocations {
		found = append(found, owners{first: -1})
	}
	offsets := p.By(SameOffset)
	for j := range p.Allocations {
		a, o := &p.Allocations[j], &found[offsets.Group(j)]
		switch {
		case !a.namesPod():
		case o.first < 0:
			o.first, o.claim = int32(j), a.ClaimRef
		default:
			o.join(p, j)
		}
	}
	return found
}

// join adds allocation j of p to those that name a pod.
func (o *owners) join(p *Pool, j int) {
	a, first := &p.Allocations[j], &p.Allocations[o.first]
	o.several = o.several || a.PodRef != first.PodRef
	if o.claim != a.ClaimRef {
		o.claim = ""
	}
	if p.Less(j, int(o.first)) {
		o.first = int32(j)
	}
}

// namesPod reports whether the podref names a pod.
func (a *Allocation) namesPod() bool { return !a.Wrong(WrongPodRef) && ValidPodRef(a.PodRef) }
