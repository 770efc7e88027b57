package ippool

// Change is an update of a pool. It is reused by Compare.
type Change struct {
	Old, New *Pool
	// Kept leads from the number of an allocation in Old to that of the same offset in New, or to -1. Where several keys of
	// Old say the offset, only one leads there: the one with the same spelling, or else the same podref, or else the first.
	Kept []int32
	// Removed counts the allocations of Old that lead nowhere.
	Removed int

	// heirs leads back from allocations of New whose keys Old spelled otherwise.
	heirs map[int]int
}

// Compare makes c the change from old to updated.
func (c *Change) Compare(old, updated *Pool) {
	c.Old, c.New, c.Removed = old, updated, 0
	c.Kept = sized(c.Kept, len(old.Allocations))
	clear(c.heirs)
	next := 0 // both pools mostly have the same keys in the same order
	for i := range old.Allocations {
		key := old.Allocations[i].Key
		at := next
		if at >= len(updated.Allocations) || updated.Allocations[at].Key != key {
			at = updated.Find(key)
		}
		if at < 0 {
			c.keepRespelled(i)
			continue
		}
		c.Kept[i] = int32(at)
		next = at + 1
	}
}

// keepRespelled finds out what became of allocation i of Old, whose key New does not have.
func (c *Change) keepRespelled(i int) {
	at := c.New.FindOffset(c.Old.Allocations[i].Key)
	if at < 0 || c.Old.Find(c.New.Allocations[at].Key) >= 0 {
		c.remove(i)
		return
	}
	heir, taken := c.heirs[at]
	switch {
	case taken && !c.closer(at, i, heir):
		c.remove(i)
		return
	case taken:
		c.remove(heir)
	case c.heirs == nil:
		c.heirs = map[int]int{}
	}
	c.heirs[at] = i
	c.Kept[i] = int32(at)
}

func (c *Change) remove(i int) {
	c.Kept[i] = -1
	c.Removed++
}

// closer reports whether allocation i of Old, rather than j, became allocation at of New.
func (c *Change) closer(at, i, j int) bool {
	owner := c.New.Allocations[at].PodRef
	if same, sameAsJ := c.Old.Allocations[i].PodRef == owner, c.Old.Allocations[j].PodRef == owner; same != sameAsJ {
		return same
	}
	return c.Old.Less(i, j)
}
