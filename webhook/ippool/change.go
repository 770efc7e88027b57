package ippool

// Change is an update of a pool. Allocations are identified by their offsets, even if the keys differ. Compare sets it, in
// memory that it keeps from one change to the next.
type Change struct {
	Old, New *IndexedPool

	// Changed holds the numbers of the allocations of New that differ from the allocation of Old at the same offset, or have
	// none.
	Changed []int32

	// before leads from the number of an allocation in New to the number of one in Old at the same offset, the one with the
	// same key if there is one, or to -1; after leads from Old to New.
	before, after []int32
	afterBuilt    bool

	owners
}

// Compare makes c the change from old to updated.
func (c *Change) Compare(old, updated *IndexedPool) {
	c.Old, c.New, c.afterBuilt = old, updated, false
	c.resetOwners()
	c.before = align(c.before, updated, old)
	c.Changed = c.Changed[:0]
	was, is := old.Allocations, updated.Allocations
	for i := range is {
		if before := c.before[i]; before < 0 || is[i] != was[before] {
			c.Changed = append(c.Changed, int32(i))
		}
	}
}

// align leads from each allocation of one pool to one at the same offset in another.
func align(to []int32, from, into *IndexedPool) []int32 {
	allocations, others := from.Allocations, into.Allocations
	to = sized(to, len(allocations))
	next := 0 // both pools mostly have the same keys in the same order
	for i := range allocations {
		a := &allocations[i]
		at := next
		if at >= len(others) || others[at].Key != a.Key {
			at = into.FindOffset(a)
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

// Had reports whether Old has an allocation at the offset of allocation i of New that is the same in a respect.
func (c *Change) Had(i int, id Identity) bool {
	return c.Old.Has(c.Before(i), &c.New.Allocations[i], id)
}

// Keeps reports whether New has an allocation at the offset of allocation i of Old that is the same in a respect.
func (c *Change) Keeps(i int, id Identity) bool {
	return c.New.Has(c.After(i), &c.Old.Allocations[i], id)
}

// Offsets returns how many offsets of Old have allocations, and how many of these have none in New.
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
