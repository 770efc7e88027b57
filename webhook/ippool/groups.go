package ippool

// Groups says which allocations of a pool have a trait in common. Its memory is reused from one pool to the next.
type Groups struct {
	index index
	// member leads from an allocation to the one that stands for its group in lowest, other and size.
	member []int32
	lowest []int32
	other  []int32
	size   []int32
	built  bool
	shared bool
}

// Shared reports whether any group has more than one member.
func (g *Groups) Shared() bool { return g.shared }

// Group returns the number of the allocation that stands for the group of allocation i.
func (g *Groups) Group(i int) int { return int(g.member[i]) }

// Size returns how many allocations the group of allocation i has.
func (g *Groups) Size(i int) int { return int(g.size[g.member[i]]) }

// First returns the member with the lowest offset of the group of allocation i, which may be i itself.
func (g *Groups) First(i int) int { return int(g.lowest[g.member[i]]) }

// FirstOther returns the member with the lowest offset of those in the group of allocation i whose interface name is
// not that of First, or -1 where all have one.
func (g *Groups) FirstOther(i int) int { return int(g.other[g.member[i]]) }

// By groups the allocations of p by a trait, once for each pool.
func (p *Pool) By(t Trait) *Groups {
	g := &p.groups[t]
	if !g.built {
		g.build(p, t)
	}
	return g
}

// Shares reports whether any two allocations of p have a trait in common. It groups as little as possible: in most pools
// nothing is shared.
func (p *Pool) Shares(t Trait) bool {
	switch t {
	case SameOffset:
		return p.NonCanonical > 0 && p.By(t).Shared() // canonical keys differ in their numbers
	case SamePodInterface:
		return p.By(SamePod).Shared() && p.By(t).Shared()
	default:
		return p.By(t).Shared()
	}
}

func (g *Groups) build(p *Pool, t Trait) {
	n := len(p.Allocations)
	g.index.reset(n)
	g.member, g.lowest, g.other, g.size = sized(g.member, n), sized(g.lowest, n), sized(g.other, n), sized(g.size, n)
	g.built, g.shared = true, false
	for i := range p.Allocations {
		g.add(p, i, t)
	}
	if g.shared {
		g.findOthers(p)
	}
}

func (g *Groups) add(p *Pool, i int, t Trait) {
	g.member[i], g.lowest[i], g.other[i], g.size[i] = int32(i), int32(i), -1, 1
	a := &p.Allocations[i]
	if !t.groups(a) {
		return
	}
	m := g.index.findOrAdd(t.hash(a), i, func(j int) bool { return t.shared(a, &p.Allocations[j]) })
	if m == i {
		return
	}
	g.shared = true
	g.member[i] = int32(m)
	g.size[m]++
	if p.Less(i, int(g.lowest[m])) {
		g.lowest[m] = int32(i)
	}
}

func (g *Groups) findOthers(p *Pool) {
	for i := range p.Allocations {
		m := g.member[i]
		if p.Allocations[i].IfName == p.Allocations[g.lowest[m]].IfName {
			continue
		}
		if g.other[m] < 0 || p.Less(i, int(g.other[m])) {
			g.other[m] = int32(i)
		}
	}
}

// sized returns s with length n; what it holds is undefined.
func sized(s []int32, n int) []int32 {
	if cap(s) < n {
		return make([]int32, n)
	}
	return s[:n]
}
