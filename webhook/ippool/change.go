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

	left      index
	leftFirst []int32 // by the number that is in left
	leftBuilt bool
	lost      []int32
	lostBuilt bool
}

// Compare makes c the change from old to updated.
func (c *Change) Compare(old, updated *Pool) {
	c.Old, c.New, c.afterBuilt, c.leftBuilt, c.lostBuilt = old, updated, false, false, false
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

// TakenFrom returns the number of an allocation of Old whose pod lost the offset of allocation i of New to a pod that did
// not have it, or -1. An allocation whose podref does not name a pod is nobody's.
func (c *Change) TakenFrom(i int) int {
	before := c.Before(i)
	if before < 0 || c.Had(i, SamePod) {
		return -1
	}
	if c.Old.NonCanonical == 0 {
		if c.loses(before) {
			return before
		}
		return -1
	}
	if !c.lostBuilt {
		c.findLost()
	}
	return int(c.lost[c.Old.By(SameOffset).Group(before)])
}

// findLost finds, for each offset of Old, the first allocation whose pod lost it.
func (c *Change) findLost() {
	c.lostBuilt = true
	c.lost = sized(c.lost, len(c.Old.Allocations))
	for j := range c.lost {
		c.lost[j] = -1
	}
	offsets := c.Old.By(SameOffset)
	for j := range c.Old.Allocations {
		first := &c.lost[offsets.Group(j)]
		if c.loses(j) && (*first < 0 || c.Old.Less(j, int(*first))) {
			*first = int32(j)
		}
	}
}

// loses reports whether the pod of allocation j of Old does not have its offset in New.
func (c *Change) loses(j int) bool {
	a := &c.Old.Allocations[j]
	return !a.Wrong(WrongPodRef) && ValidPodRef(a.PodRef) && !c.Keeps(j, SamePod)
}
