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
	q := &w.Request
	w.begin(j.writerOf(q))
	if err := checkRequest(q); err != nil {
		w.reject(err)
		return
	}
	if w.Writer == Trusted || q.Operation == review.Delete || q.Object.Deleting || !q.Object.HasSpec {
		return
	}
	patch := mendRange(nil, &q.Object)
	patch = mendAllocations(patch, &q.Object)
	patch = mendKeys(patch, &q.Object)
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

// mendAllocations adds the map that the schema requires; a pool without allocations is what everybody means.
func mendAllocations(patch []operation, pool *ippool.Pool) []operation {
	if pool.HasAllocations {
		return patch
	}
	return append(patch, operation{Op: "add", Path: "/spec/allocations", Value: struct{}{}})
}

// mendKeys respells keys that Whereabouts reads as an offset the way that it writes them, unless several are one offset:
// then only a person can tell whose it is.
func mendKeys(patch []operation, pool *ippool.Pool) []operation {
	if pool.Respellable == 0 {
		return patch
	}
	aliases := pool.ByOffset()
	collides := map[int]bool{}
	for i := range pool.Allocations {
		if first := aliases.First(i); first != i {
			collides[first], collides[i] = true, true
		}
	}
	for i := range pool.Allocations {
		a := &pool.Allocations[i]
		if a.Offset.Canonical || !a.Offset.Readable || collides[i] {
			continue
		}
		// A sign and digits are all that such a key has: nothing that a JSON Pointer (RFC 6901) would have to escape.
		patch = append(patch, operation{
			Op: "move", From: "/spec/allocations/" + a.Key, Path: "/spec/allocations/" + ippool.Digits(a.Key),
		})
	}
	return patch
}
