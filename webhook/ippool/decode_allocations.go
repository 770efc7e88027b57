package ippool

import (
	"slices"

	"ippool-webhook/webhook/arena"
	"ippool-webhook/webhook/jsonview"
)

// decodeAllocations reads the one part of an IPPool that can be large; it must not allocate for each item.
func (p *Pool) decodeAllocations(r *jsonview.Reader) error {
	p.clearAllocations()
	p.dropWrong(fieldAllocations)
	switch r.Peek() {
	case 'n':
		return r.SkipValue()
	case '{':
		p.HasAllocations = true
	default:
		p.HasAllocations = true
		return p.decodeWrong(r, fieldAllocations, "an object")
	}
	if err := r.Enter(); err != nil {
		return err
	}
	p.allocationsStart = r.Offset()
	next := 0
	for {
		more, err := r.More('}')
		if err != nil || !more {
			return err
		}
		p.Items++
		if i := p.sameAsLike(r, next); i >= 0 {
			p.copyAllocation(r, i)
			next = i + 1
			continue
		}
		if err := p.decodeAllocation(r); err != nil {
			return err
		}
	}
}

// clearAllocations forgets the allocations that were read, because a later value takes their place.
func (p *Pool) clearAllocations() {
	p.allocationsVisit = p.nextVisit()
	p.HasAllocations, p.Overfull = false, false
	p.Items = 0
	p.dropAllocations()
}

func (p *Pool) dropAllocations() {
	clear(p.Allocations) // as in Reset
	p.Allocations, p.items, p.NonCanonical = p.Allocations[:0], p.items[:0], 0
	p.keys.reset()
}

// sameAsLike returns the number of the allocation of like, from next on, whose text comes next, if it is one of two,
// because an update mostly adds one or takes one away; otherwise -1. The text of an allocation, from the quote of its key
// to its closing brace, says by itself where it ends, so that equal bytes are equal allocations and need not be read again.
func (p *Pool) sameAsLike(r *jsonview.Reader, next int) int {
	if p.like == nil {
		return -1
	}
	rest := r.Rest()
	for i := next; i < min(next+2, len(p.like.items)); i++ {
		it := p.like.items[i]
		n := int(it.end - it.start)
		if n > 0 && n <= len(rest) && arena.View(rest[:n]) == arena.View(p.like.src[it.start:it.end]) {
			return i
		}
	}
	return -1
}

// copyAllocation adds allocation i of like as it is.
func (p *Pool) copyAllocation(r *jsonview.Reader, i int) {
	start := r.Offset()
	it := p.like.items[i]
	r.Skip(int(it.end - it.start))
	at := p.addAllocation(p.like.Allocations[i].Key, r)
	if at < 0 {
		return
	}
	p.Allocations[at] = p.like.Allocations[i]
	p.items[at].start, p.items[at].end = uint32(start), uint32(r.Offset())
}

// decodeAllocation reads one item of spec.allocations.
func (p *Pool) decodeAllocation(r *jsonview.Reader) error {
	start := r.Offset()
	key, err := r.Key()
	if err != nil {
		return err
	}
	at := p.addAllocation(key, r)
	if at < 0 {
		return r.SkipValue()
	}
	if n := scanValue(r.Rest(), &p.Allocations[at]); n > 0 {
		r.Skip(n)
		p.items[at].start, p.items[at].end = uint32(start), uint32(r.Offset())
		return nil
	}
	return p.decodeValue(r, at)
}

// addAllocation makes room for the allocation of this key and returns its number: that of an earlier one with the same
// key, whose value it takes. It returns -1 where the pool has too many.
func (p *Pool) addAllocation(key string, r *jsonview.Reader) int {
	if p.Overfull || len(p.Allocations) == MaxAllocations && p.Find(key) < 0 {
		p.Overfull = true
		return -1
	}
	at := p.keys.add(p.Allocations, key)
	if at < len(p.Allocations) {
		p.repeatAllocation(at)
		return at
	}
	offset := ParseOffset(key)
	if !offset.Canonical {
		p.NonCanonical++
	}
	if at == cap(p.Allocations) {
		p.makeRoom(r)
	}
	p.Allocations = append(p.Allocations, Allocation{Key: key, Offset: offset})
	p.items = append(p.items, item{})
	return at
}

// makeRoom makes room for as many allocations as the rest of the text holds if they are as long as those so far, and at the
// least for as many again: growing step by step would leave the smaller ones behind.
func (p *Pool) makeRoom(r *jsonview.Reader) {
	n := len(p.Allocations)
	more := n + 64
	if read := r.Offset() - p.allocationsStart; n > 0 && read > 0 {
		more = max(more, min(len(r.Rest())/max(read/n, 1), MaxAllocations-n))
	}
	p.Allocations, p.items = slices.Grow(p.Allocations, more), slices.Grow(p.items, more)
}

// repeatAllocation makes room for another value of allocation at.
func (p *Pool) repeatAllocation(at int) {
	a, it := &p.Allocations[at], &p.items[at]
	if it.visit == 0 {
		p.paths.path = appendPath(p.paths.path[:0], "spec.allocations.", a.Key)
		p.addDuplicate()
	}
	*a = Allocation{Key: a.Key, Offset: a.Offset}
	*it = item{visit: p.nextVisit()}
}

// scanValue reads an allocation in the shape that every writer produces, an object of plain strings without white space
// and each known field at most once, and returns its length. It returns 0, and decodeValue is to read it, where text starts
// with something else, which may not even be JSON.
func scanValue(text []byte, a *Allocation) int {
	if len(text) < 2 || text[0] != '{' {
		return 0
	}
	if text[1] == '}' {
		return 2
	}
	var seen seenFields
	rest := text
	for rest[0] != '}' {
		name, afterName, ok := jsonview.CutPlain(rest[1:])
		if !ok || len(afterName) == 0 || afterName[0] != ':' {
			return 0
		}
		value, afterValue, ok := jsonview.CutPlain(afterName[1:])
		if !ok || len(afterValue) == 0 || afterValue[0] != ',' && afterValue[0] != '}' {
			return 0
		}
		rest = afterValue
		f, ok := fieldOfAllocation(arena.View(name))
		if !ok {
			return 0
		}
		if again, _ := seen.add(f); again {
			return 0
		}
		*a.field(f) = arena.View(value)
	}
	return len(text) - len(rest) + 1
}

func fieldOfAllocation(name string) (field, bool) {
	switch name {
	case "id":
		return fieldID, true
	case "podref":
		return fieldPodRef, true
	case "ifname":
		return fieldIfName, true
	case "ipamclaimref":
		return fieldClaimRef, true
	default:
		return 0, false
	}
}

func (a *Allocation) field(f field) *string {
	switch f {
	case fieldID:
		return &a.ID
	case fieldPodRef:
		return &a.PodRef
	case fieldIfName:
		return &a.IfName
	default:
		return &a.ClaimRef
	}
}

// decodeValue reads the value of an allocation of any shape.
func (p *Pool) decodeValue(r *jsonview.Reader, at int) error {
	a := &p.Allocations[at]
	*a = Allocation{Key: a.Key, Offset: a.Offset}
	switch r.Peek() {
	case 'n':
		return r.SkipValue()
	case '{':
	default:
		p.paths.path = appendPath(p.paths.path[:0], "spec.allocations.", a.Key)
		text, err := p.textOf(r)
		a.WrongTypes, a.ID = WrongValue, text
		return err
	}
	var seen seenFields
	return decodeFields(r, func(name string) error {
		f, ok := fieldOfAllocation(name)
		if !ok {
			return p.decodeOther(r, int32(at), name)
		}
		return p.decodeField(r, a, f, &seen)
	})
}

// decodeField reads the value of field f of an allocation.
func (p *Pool) decodeField(r *jsonview.Reader, a *Allocation, f field, seen *seenFields) (err error) {
	value := a.field(f)
	*value = ""
	a.WrongTypes &^= f.wrongType()
	if _, first := seen.add(f); first {
		p.atField(a, f)
		p.addDuplicate()
	}
	switch r.Peek() {
	case '"':
		*value, err = r.Text()
	case 'n':
		err = r.SkipValue()
	default:
		p.atField(a, f)
		*value, err = p.textOf(r)
		a.WrongTypes |= f.wrongType()
	}
	return err
}

// atField makes field f of an allocation the current path.
func (p *Pool) atField(a *Allocation, f field) {
	p.paths.path = appendPath(appendPath(p.paths.path[:0], "spec.allocations.", a.Key), ".", fieldPaths[f])
}
