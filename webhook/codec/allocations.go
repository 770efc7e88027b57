package codec

import (
	"slices"

	"ippool-webhook/webhook/ippool"
)

// decodeAllocations reads the one part of an IPPool that can be large; it must not allocate for each item.
func (d *Decoder) decodeAllocations(r *Reader) error {
	d.clearAllocations()
	d.dropWrong(fieldAllocations)
	switch r.Peek() {
	case 'n':
		return r.SkipValue()
	case '{':
		d.pool.HasAllocations = true
	default:
		d.pool.HasAllocations = true
		return d.decodeWrong(r, fieldAllocations, "object")
	}
	if err := r.Enter(); err != nil {
		return err
	}
	d.allocationsStart = r.Offset()
	next := 0
	for {
		more, err := r.More('}')
		if err != nil || !more {
			return err
		}
		d.pool.Items++
		if i := d.sameAsLike(r, next); i >= 0 {
			d.copyAllocation(r, i)
			next = i + 1
			continue
		}
		if err := d.decodeAllocation(r); err != nil {
			return err
		}
	}
}

// clearAllocations drops the allocations of an earlier value of the field, because only the last value counts.
func (d *Decoder) clearAllocations() {
	d.pool.HasAllocations, d.pool.Overfull, d.pool.Items = false, false, 0
	d.dropAllocations()
}

func (d *Decoder) dropAllocations() {
	d.pool.DropAllocations()
	d.items = d.items[:0]
	d.keys.reset()
}

// decodeAllocation reads one item of spec.allocations.
func (d *Decoder) decodeAllocation(r *Reader) error {
	start := r.Offset()
	key, err := r.Key()
	if err != nil {
		return err
	}
	at := d.addAllocation(key, r)
	if at < 0 {
		return r.SkipValue()
	}
	if n := scanValue(r.Rest(), &d.pool.Allocations[at]); n > 0 {
		r.Skip(n)
		d.items[at].start, d.items[at].end = uint32(start), uint32(r.Offset())
		return nil
	}
	return d.decodeValue(r, at)
}

// addAllocation makes room for the value of a key and returns the number of its allocation: that of an earlier one with the
// same key, whose value it replaces. It returns -1 when the pool has too many.
func (d *Decoder) addAllocation(key string, r *Reader) int {
	if d.pool.Overfull {
		return -1
	}
	if at := d.keys.find(d.pool, key); at >= 0 {
		d.repeatAllocation(at)
		return at
	}
	at := len(d.pool.Allocations)
	if at == ippool.MaxAllocations {
		d.pool.Overfull = true
		return -1
	}
	if at == cap(d.pool.Allocations) {
		d.makeRoom(r)
	}
	d.pool.Add(key)
	d.items = append(d.items, item{})
	return at
}

// makeRoom makes room for as many allocations as the rest of the text has if they are as long as those so far, and at least
// for as many again: to grow step by step would leave the smaller arrays behind.
func (d *Decoder) makeRoom(r *Reader) {
	n := len(d.pool.Allocations)
	more := n + 64
	if read := r.Offset() - d.allocationsStart; n > 0 && read > 0 {
		more = max(more, min(len(r.Rest())/max(read/n, 1), ippool.MaxAllocations-n))
	}
	d.pool.Allocations, d.items = slices.Grow(d.pool.Allocations, more), slices.Grow(d.items, more)
}

// repeatAllocation makes room for another value of allocation at.
func (d *Decoder) repeatAllocation(at int) {
	a, it := &d.pool.Allocations[at], &d.items[at]
	if !it.repeated {
		d.paths.path = ippool.AppendName(d.paths.path[:0], "spec.allocations.", a.Key)
		d.addDuplicate()
	}
	*a = ippool.Allocation{Key: a.Key, Offset: a.Offset}
	*it = item{repeated: true}
}

// decodeValue reads the value of an allocation of any shape.
func (d *Decoder) decodeValue(r *Reader, at int) error {
	a := &d.pool.Allocations[at]
	*a = ippool.Allocation{Key: a.Key, Offset: a.Offset}
	switch r.Peek() {
	case 'n':
		return r.SkipValue()
	case '{':
	default:
		d.paths.path = ippool.AppendName(d.paths.path[:0], "spec.allocations.", a.Key)
		text, err := d.textOf(r)
		a.WrongTypes, a.ID = ippool.WrongValue, text
		return err
	}
	object := d.names.newObject()
	d.items[at].object = object
	var seen seenFields
	return decodeFields(r, func(name string) error {
		f, ok := fieldOfAllocation(name)
		if !ok {
			return d.decodeOther(r, int32(at), object, name)
		}
		return d.decodeField(r, a, f, &seen)
	})
}

// decodeField reads the value of field f of an allocation.
func (d *Decoder) decodeField(r *Reader, a *ippool.Allocation, f field, seen *seenFields) (err error) {
	value := fieldOf(a, f)
	*value = ""
	a.WrongTypes &^= f.wrongType()
	if _, first := seen.add(f); first {
		d.atField(a, f)
		d.addDuplicate()
	}
	switch r.Peek() {
	case '"':
		*value, err = r.Text()
	case 'n':
		err = r.SkipValue()
	default:
		d.atField(a, f)
		*value, err = d.textOf(r)
		a.WrongTypes |= f.wrongType()
	}
	return err
}

// atField makes field f of an allocation the current path.
func (d *Decoder) atField(a *ippool.Allocation, f field) {
	d.paths.path = ippool.AppendName(ippool.AppendName(d.paths.path[:0], "spec.allocations.", a.Key), ".", fieldPaths[f])
}
