package codec

import "ippool-webhook/webhook/ippool"

// keys finds allocations by their keys. The API server writes maps sorted by key: while keys are in ascending order, no key can
// occur twice. The map is for other clients. Go seeds each map at random, so a client cannot choose keys that make it slow.
type keys struct {
	numbers reused[string, int32] // empty while the keys are in order
}

func (k *keys) reset() { k.numbers.reset() }

// find returns the number of the allocation with this key in p, or -1.
func (k *keys) find(p *ippool.Pool, key string) int {
	n := len(p.Allocations)
	if n == 0 || !p.Unsorted && p.Allocations[n-1].Key < key {
		return -1
	}
	if len(k.numbers.items) < n {
		k.addAll(p)
	}
	if i, ok := k.numbers.items[key]; ok {
		return int(i)
	}
	return -1
}

// addAll adds the keys of all allocations.
func (k *keys) addAll(p *ippool.Pool) {
	for i := len(k.numbers.items); i < len(p.Allocations); i++ {
		k.numbers.set(p.Allocations[i].Key, int32(i))
	}
}
