package ippool

// Change is an update of a pool. It is reused by Compare.
type Change struct {
	Old, New *Pool
	// Kept leads from the number of an allocation in Old to that of the same offset in New, or to -1.
	Kept []int32
	// Removed counts the allocations of Old whose offset New does not have.
	Removed int
}

// Compare makes c the change from old to new.
func (c *Change) Compare(old, new *Pool) {
	c.Old, c.New, c.Removed = old, new, 0
	c.Kept = sized(c.Kept, len(old.Allocations))
	next := 0 // both pools mostly have the same keys in the same order
	for i := range old.Allocations {
		at := next
		if key := old.Allocations[i].Key; at >= len(new.Allocations) || new.Allocations[at].Key != key {
			at = new.FindOffset(key)
		}
		c.Kept[i] = int32(at)
		if at < 0 {
			c.Removed++
			continue
		}
		next = at + 1
	}
}
