package ippool

// owners is the part of a Change that knows which pods the offsets belong to. Each part is built when it is first needed.
type owners struct {
	left      table
	leftFirst []int32 // by the number that is in left
	leftBuilt bool

	old, updated           []owner // of each offset, by the allocation that stands for it
	oldBuilt, updatedBuilt bool
}

func (o *owners) resetOwners() { o.leftBuilt, o.oldBuilt, o.updatedBuilt = false, false, false }

// owner is the pod that an offset belongs to.
type owner struct {
	// first is the number of the first allocation that names a pod, or -1.
	first int32
	// claim is the ipamclaimref of all allocations of the offset that name a pod; it is empty when they differ.
	claim string
	// several says that they name several pods.
	several bool
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
	from := c.left.find(SameOwner.hash(a), func(j int) bool { return SameOwner.same(a, &c.Old.Allocations[j]) })
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
		owner := c.left.findOrAdd(SameOwner.hash(a), j, func(k int) bool { return SameOwner.same(a, &c.Old.Allocations[k]) })
		if owner == j || c.Old.Less(j, int(c.leftFirst[owner])) {
			c.leftFirst[owner] = int32(j)
		}
	}
}

// TakenFrom returns -1 unless allocation i of New gives an offset of another pod to a pod that did not have it. Then it returns
// the number of an allocation of Old of the first pod, even if this pod keeps the offset under another key. An allocation whose
// podref does not name a pod has no owner, and a pod may follow another pod with the same ipamclaimref.
func (c *Change) TakenFrom(i int) int {
	before := c.Before(i)
	if before < 0 || c.Had(i, SamePod) {
		return -1
	}
	o := c.ownerBefore(before)
	if o.claim != "" && o.claim == c.New.Allocations[i].ClaimRef {
		return -1
	}
	return int(o.first)
}

// ownerBefore returns the owner of the offset of an allocation of Old.
func (c *Change) ownerBefore(before int) owner {
	if c.Old.NonCanonical > 0 {
		if !c.oldBuilt {
			c.old, c.oldBuilt = findOwners(c.old, c.Old), true
		}
		return c.old[c.Old.By(SameOffset).Group(before)]
	}
	if a := &c.Old.Allocations[before]; a.namesPod() {
		return owner{first: int32(before), claim: a.ClaimRef}
	}
	return owner{first: -1}
}

// JoinsAnother reports whether New gives the offset of allocation i to a pod that did not have it, and to another pod under
// another key.
func (c *Change) JoinsAnother(i int) bool {
	if !c.New.Allocations[i].namesPod() || c.Had(i, SamePod) {
		return false
	}
	if !c.updatedBuilt {
		c.updated, c.updatedBuilt = findOwners(c.updated, c.New), true
	}
	return c.updated[c.New.By(SameOffset).Group(i)].several
}

// findOwners finds the owners of the offsets of a pool, by the allocations that stand for the offsets.
func findOwners(found []owner, p *IndexedPool) []owner {
	found = found[:0]
	for range p.Allocations {
		found = append(found, owner{first: -1})
	}
	offsets := p.By(SameOffset)
	for j := range p.Allocations {
		a, o := &p.Allocations[j], &found[offsets.Group(j)]
		switch {
		case !a.namesPod():
		case o.first < 0:
			o.first, o.claim = int32(j), a.ClaimRef
		default:
			o.join(p.Pool, j)
		}
	}
	return found
}

// join adds allocation j of p to those that name a pod.
func (o *owner) join(p *Pool, j int) {
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
