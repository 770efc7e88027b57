package ippool

// Groups says which allocations of a pool share what only one of them should have. Its memory is reused from one pool
// to the next.
type Groups struct {
	index index
	// member leads from an allocation to the one that stands for its group in lowest and other.
	member []int32
	lowest []int32
	other  []int32
	built  bool
	shared bool
}

// sharing defines what the allocations of a group share: empty allocations have nothing to share.
type sharing struct {
	empty func(*Allocation) bool
	hash  func(*Allocation) uint64
	same  func(a, b *Allocation) bool
}

// Shared reports whether any group has more than one member.
func (g *Groups) Shared() bool { return g.shared }

// First returns the member with the lowest offset of the group of allocation i, which may be i itself.
func (g *Groups) First(i int) int { return int(g.lowest[g.member[i]]) }

// FirstOther returns the member with the lowest offset of those in the group of allocation i whose interface name is
// not that of First, or -1 where all have one.
func (g *Groups) FirstOther(i int) int { return int(g.other[g.member[i]]) }

// build groups the allocations of p, once for each pool.
func (g *Groups) build(p *Pool, by sharing) *Groups {
	if g.built {
		return g
	}
	n := len(p.Allocations)
	g.index.reset(n)
	g.member, g.lowest, g.other = sized(g.member, n), sized(g.lowest, n), sized(g.other, n)
	g.built, g.shared = true, false
	for i := range p.Allocations {
		g.add(p, i, by)
	}
	if g.shared {
		g.findOthers(p)
	}
	return g
}

func (g *Groups) add(p *Pool, i int, by sharing) {
	g.member[i], g.lowest[i], g.other[i] = int32(i), int32(i), -1
	a := &p.Allocations[i]
	if by.empty(a) {
		return
	}
	m := g.index.findOrAdd(by.hash(a), i, func(j int) bool { return by.same(a, &p.Allocations[j]) })
	if m == i {
		return
	}
	g.shared = true
	g.member[i] = int32(m)
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

// ByOffset groups the allocations whose keys say one offset in several spellings; a key that is no offset says none.
func (p *Pool) ByOffset() *Groups {
	return p.byDigits.build(p, sharing{
		empty: func(a *Allocation) bool { return Digits(a.Key) == "" },
		hash:  func(a *Allocation) uint64 { return hashString(Digits(a.Key)) },
		same:  func(a, b *Allocation) bool { return Digits(a.Key) == Digits(b.Key) },
	})
}

// ByPodRef groups the allocations that have one podref; an empty podref names no pod.
func (p *Pool) ByPodRef() *Groups {
	return p.byPodRef.build(p, sharing{
		empty: func(a *Allocation) bool { return a.PodRef == "" },
		hash:  func(a *Allocation) uint64 { return hashString(a.PodRef) },
		same:  func(a, b *Allocation) bool { return a.PodRef == b.PodRef },
	})
}

// ByPodInterface groups the allocations that have one podref and one interface name, absent being the same as empty.
func (p *Pool) ByPodInterface() *Groups {
	return p.byPodInterface.build(p, sharing{
		empty: func(a *Allocation) bool { return a.PodRef == "" },
		hash:  func(a *Allocation) uint64 { return hashPair(a.PodRef, a.IfName) },
		same:  func(a, b *Allocation) bool { return a.PodRef == b.PodRef && a.IfName == b.IfName },
	})
}

// ByContainerInterface groups the allocations that have one container id and one interface name.
func (p *Pool) ByContainerInterface() *Groups {
	return p.byContainerInterface.build(p, sharing{
		empty: func(a *Allocation) bool { return a.ID == "" },
		hash:  func(a *Allocation) uint64 { return hashPair(a.ID, a.IfName) },
		same:  func(a, b *Allocation) bool { return a.ID == b.ID && a.IfName == b.IfName },
	})
}
