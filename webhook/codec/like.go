package codec

// An update mostly changes one allocation of many. An allocation that is written with the same bytes as one that was decoded
// before is copied instead of decoded.

// sameAsLike returns the number of the allocation of like, from next on, whose text comes next, if it is one of two,
// because an update mostly adds or removes one allocation; otherwise -1. The text of an allocation, from the quote of its key
// to its closing brace, determines its end, so that equal bytes are equal allocations.
func (d *Decoder) sameAsLike(r *Reader, next int) int {
	if d.like == nil {
		return -1
	}
	rest := r.Rest()
	for i := next; i < min(next+2, len(d.like.items)); i++ {
		it := d.like.items[i]
		n := int(it.end - it.start)
		if n > 0 && n <= len(rest) && View(rest[:n]) == View(d.like.src[it.start:it.end]) {
			return i
		}
	}
	return -1
}

// copyAllocation adds allocation i of like.
func (d *Decoder) copyAllocation(r *Reader, i int) {
	start := r.Offset()
	it := d.like.items[i]
	r.Skip(int(it.end - it.start))
	like := &d.like.pool.Allocations[i]
	at := d.addAllocation(like.Key, r)
	if at < 0 {
		return
	}
	d.pool.Allocations[at] = *like
	d.items[at].start, d.items[at].end = uint32(start), uint32(r.Offset())
}
