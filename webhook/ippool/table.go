package ippool

import (
	"hash/maphash"
	"math/bits"
)

// table is a hash table from keys to numbers of allocations. It holds no keys: the caller compares them. It keeps its memory
// when it is reset. Keys are hashed with a random seed, so that no pool can be made to be slow.
type table struct {
	slots []slot
	used  int
}

// slot holds allocation number-1; it is free when number is zero.
type slot struct {
	hash   uint32
	number int32
}

const minSlots = 64

// reset empties the table and makes room for n keys.
func (x *table) reset(n int) {
	size := minSlots
	for size < 2*n {
		size *= 2
	}
	if cap(x.slots) < size {
		x.slots = make([]slot, size)
	} else {
		x.slots = x.slots[:size]
		clear(x.slots)
	}
	x.used = 0
}

// findOrAdd returns the number of the allocation whose key has this hash and for which same returns true. If there is no such
// allocation, it adds the key with number n and returns n.
func (x *table) findOrAdd(hash uint64, n int, same func(i int) bool) int {
	if 2*x.used >= len(x.slots) {
		x.grow()
	}
	s := x.probe(hash, same)
	if s.number != 0 {
		return int(s.number) - 1
	}
	*s = slot{hash: uint32(hash), number: int32(n) + 1}
	x.used++
	return n
}

// find returns the number of the allocation that has the key, or -1.
func (x *table) find(hash uint64, same func(i int) bool) int {
	if x.used == 0 {
		return -1
	}
	return int(x.probe(hash, same).number) - 1
}

// probe returns the slot that holds the key, or the free slot for it.
func (x *table) probe(hash uint64, same func(i int) bool) *slot {
	mask := len(x.slots) - 1
	for at := int(uint32(hash)) & mask; ; at = (at + 1) & mask {
		s := &x.slots[at]
		if s.number == 0 || s.hash == uint32(hash) && same(int(s.number)-1) {
			return s
		}
	}
}

// grow doubles the table.
func (x *table) grow() {
	old := x.slots
	x.slots = make([]slot, max(2*len(old), minSlots))
	mask := len(x.slots) - 1
	for _, s := range old {
		if s.number == 0 {
			continue
		}
		at := int(s.hash) & mask
		for x.slots[at].number != 0 {
			at = (at + 1) & mask
		}
		x.slots[at] = s
	}
}

// seed is random for each process and never changes in it.
var seed = maphash.MakeSeed() //nolint:gochecknoglobals // made once, and the same for all tables

// spread is the fractional part of the golden ratio; multiplying by it spreads numbers over all bits (Knuth, The Art of
// Computer Programming, volume 3, section 6.4).
const spread = 0x9e3779b97f4a7c15

func hashString(s string) uint64 { return maphash.String(seed, s) }

func hashNumber(n uint64) uint64 { return maphash.Comparable(seed, n) }

// combine hashes two hashes in this order. Equal hashes do not cancel out.
func combine(a, b uint64) uint64 { return bits.RotateLeft64((a+spread)*spread, 31) ^ b }
