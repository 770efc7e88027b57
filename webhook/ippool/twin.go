package ippool

import "ippool-webhook/webhook/arena"

// twin walks along the allocations of a pool that is like the one that is being read.
type twin struct {
	at int
}

// next returns the number of the allocation of like whose text rest starts with, if it is one of the next two, because an
// update mostly adds one or takes one away; otherwise -1. The text of an allocation, from the quote of its key to its
// closing brace, says by itself where it ends, so that equal bytes are equal allocations and need not be read again.
func (t *twin) next(like *Pool, rest []byte) int {
	if like == nil {
		return -1
	}
	for at := t.at; at < min(t.at+2, len(like.texts)); at++ {
		text := like.texts[at]
		if n := len(text); n > 0 && n <= len(rest) && arena.View(rest[:n]) == text {
			t.at = at + 1
			return at
		}
	}
	return -1
}

// copyAllocation adds allocation i of another pool as it is.
func (p *Pool) copyAllocation(from *Pool, i int) {
	entry := p.addAllocation(from.Allocations[i].Key)
	p.Allocations[entry], p.texts[entry] = from.Allocations[i], from.texts[i]
}
