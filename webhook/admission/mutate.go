package admission

import (
	"encoding/json"
	"strings"

	"ippool-webhook/webhook/ippool"
	"ippool-webhook/webhook/review"
)

// Mutate mends what the request that w has decoded writes, where its meaning is clear, and leaves the response with its
// JSON Patch in w. The patch names only what changes, so that fields that nobody here knows survive, and applying it and
// asking again gives none. Trusted writers' objects are left as they are.
func (j *Judge) Mutate(w *Workspace) {
	if !j.begin(w) {
		return
	}
	q := &w.Request
	if w.Writer == Trusted || q.Operation == review.Delete || q.Object.Deleting || !q.Object.HasSpec {
		return
	}
	patch := mendRange(nil, &q.Object)
	patch = mendAllocations(patch, &q.Object, &q.OldObject)
	patch = mendKeys(patch, &q.Object, &q.OldObject)
	w.patch(patch)
}

// operation is one operation of a JSON Patch (RFC 6902).
type operation struct {
	Op    string `json:"op"`
	From  string `json:"from,omitempty"`
	Path  string `json:"path"`
	Value any    `json:"value,omitempty"`
}

// patch puts the operations into the response.
func (w *Workspace) patch(operations []operation) {
	if len(operations) == 0 {
		return
	}
	patch, err := json.Marshal(operations)
	if err != nil {
		w.reject(err)
		return
	}
	w.Response.Patch = patch
}

// mendRange writes the canonical spelling of an equal range, and masks host bits where no allocation counts from them.
func mendRange(patch []operation, pool *ippool.Pool) []operation {
	r, err := ippool.ParseRange(strings.TrimSpace(pool.RangeText))
	if err != nil {
		return patch
	}
	if len(pool.Allocations) == 0 {
		r = r.Masked()
	}
	if r.String() == pool.RangeText {
		return patch
	}
	return append(patch, operation{Op: "replace", Path: "/spec/range", Value: r.String()})
}

// mendAllocations adds the map that the schema requires to a pool that is to have no allocations. Where an update leaves
// out those that there were, releasing them all is hardly what it means: the schema refuses it.
func mendAllocations(patch []operation, pool, old *ippool.Pool) []operation {
	if pool.HasAllocations || len(old.Allocations) > 0 {
		return patch
	}
	return append(patch, operation{Op: "add", Path: "/spec/allocations", Value: struct{}{}})
}

// mendKeys respells keys that Whereabouts reads as an offset the way that it writes them, unless the object, or the one
// before an update, has several keys for the offset: then only a person can tell whose it is.
func mendKeys(patch []operation, pool, old *ippool.Pool) []operation {
	if pool.Respellable == 0 {
		return patch
	}
	ambiguous := ambiguousOffsets(pool, old)
	for i := range pool.Allocations {
		a := &pool.Allocations[i]
		digits := ippool.Digits(a.Key)
		if a.Offset.Canonical || !a.Offset.Readable || ambiguous[digits] {
			continue
		}
		// A sign and digits are all that such a key has: nothing that a JSON Pointer (RFC 6901) would have to escape.
		patch = append(patch, operation{Op: "move", From: "/spec/allocations/" + a.Key, Path: "/spec/allocations/" + digits})
	}
	return patch
}

// ambiguousOffsets returns the offsets, in digits, that the pools spell in more than one way.
func ambiguousOffsets(pools ...*ippool.Pool) map[string]bool {
	spelling, ambiguous := map[string]string{}, map[string]bool{}
	for _, pool := range pools {
		for i := range pool.Allocations {
			key := pool.Allocations[i].Key
			digits := ippool.Digits(key)
			if before, found := spelling[digits]; found && before != key {
				ambiguous[digits] = true
			}
			spelling[digits] = key
		}
	}
	return ambiguous
}
