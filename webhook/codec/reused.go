package codec

// reused is a map that is emptied and filled again. Go takes time in the largest size that a map has had to clear it. So a map
// that has been much larger than now is replaced: the time of reset is in proportion to what was added since the last one.
type reused[K comparable, V any] struct {
	items   map[K]V
	largest int // number of items that the map has had
}

func (r *reused[K, V]) reset() {
	r.largest = max(r.largest, len(r.items))
	if r.largest > 4*len(r.items)+64 {
		r.items, r.largest = nil, 0
		return
	}
	clear(r.items)
}

func (r *reused[K, V]) set(key K, value V) {
	if r.items == nil {
		r.items = map[K]V{}
	}
	r.items[key] = value
}
