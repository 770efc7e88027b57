package ippool

// Groups says which allocations of a pool are the same in a respect.
type Groups struct {
	pool     *Pool
	identity Identity
	table    table
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

// FirstOther returns the member with the lowest offset of those in the group of allocation i whose interface name
// differs from that of First, or -1 when all have the same.
func (g *Groups) FirstOther(i int) int { return int(g.other[g.member[i]]) }

// find returns the number of an allocation that is the same as a, or -1.
func (g *Groups) find(a *Allocation) int {
	return g.table.find(g.identity.hash(a), func(i int) bool { return g.identity.same(a, &g.pool.Allocations[i]) })
}

func (g *Groups) build(p *Pool, id Identity) {
	n := len(p.Allocations)
	g.pool, g.identity = p, id
	g.table.reset(n)
	g.member, g.lowest, g.other, g.size = sized(g.member, n), sized(g.lowest, n), sized(g.other, n), sized(g.size, n)
	g.built, g.shared = true, false
	for i := range p.Allocations {
		g.add(i)
	}
	if g.shared {
		g.findOthers()
	}
}

func (g *Groups) add(i int) {
	g.member[i], g.lowest[i], g.other[i], g.size[i] = int32(i), int32(i), -1, 1
	a := &g.pool.Allocations[i]
	if !g.identity.groups(a) {
		return
	}
	m := g.table.findOrAdd(g.identity.hash(a), i, func(j int) bool { return g.identity.same(a, &g.pool.Allocations[j]) })
	if m == i {
		return
	}
	g.shared = true
	g.member[i] = int32(m)
	g.size[m]++
	if g.pool.Less(i, int(g.lowest[m])) {
		g.lowest[m] = int32(i)
	}
}

func (g *Groups) findOthers() {
	p := g.pool
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
