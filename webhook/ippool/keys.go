package ippool

import (
	"slices"
	"strings"
)

// keys finds allocations by their keys. The API server writes maps sorted by key: as long as keys come in that order
// none can come twice, and a binary search finds them; the hash table is for other writers.
type keys struct {
	unsorted bool
	table    index
}

func (k *keys) reset() { k.unsorted = false }

// add returns the number of the allocation with this key, or the number after the last where there is none; then the
// caller appends it.
func (k *keys) add(allocations []Allocation, key string) int {
	n := len(allocations)
	if !k.unsorted {
		if n == 0 || allocations[n-1].Key < key {
			return n
		}
		k.leaveOrder(allocations)
	}
	return k.table.findOrAdd(hashString(key), n, func(i int) bool { return allocations[i].Key == key })
}

// leaveOrder moves the keys that came in order to the table.
func (k *keys) leaveOrder(allocations []Allocation) {
	k.unsorted = true
	k.table.reset(len(allocations))
	for i := range allocations {
		k.table.findOrAdd(hashString(allocations[i].Key), i, func(int) bool { return false })
	}
}

// find returns the number of the allocation with this key, or -1.
func (k *keys) find(allocations []Allocation, key string) int {
	if k.unsorted {
		return k.table.find(hashString(key), func(i int) bool { return allocations[i].Key == key })
	}
	i, found := slices.BinarySearchFunc(allocations, key, func(a Allocation, key string) int { return strings.Compare(a.Key, key) })
	if !found {
		return -1
	}
	return i
}
