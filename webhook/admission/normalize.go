package admission

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"ippool-webhook/webhook/ippool"
	"ippool-webhook/webhook/review"
)

const (
	// maxOperations and maxPatch bound the part of a patch that changes spec, and the part that changes metadata: the number of
	// operations, and the bytes of the keys in them.
	maxOperations = 1000
	maxPatch      = 64 << 10
)

// normalize puts into the response the JSON Patch that normalizes the object. The patch names only what changes, so that unknown
// fields survive, and normalizing the result changes nothing.
func (e *Evaluator) normalize(ctx context.Context, s *Scratch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	q := s.result.Request
	s.result.Invalid = checkRequest(q) != nil
	if s.result.Invalid || q.Operation == review.Delete {
		return nil
	}
	// A client that replaces a terminating pool need not send its deletionTimestamp, which the API server adds only later.
	deleting := q.Object.Deleting || q.Operation == review.Update && q.OldObject.Deleting
	if deleting || !q.Object.HasSpec || q.Object.Overfull {
		return nil
	}
	s.pool.Index(&q.Object)
	n := normalization{s: s, pool: &s.pool}
	if q.Operation == review.Update {
		n.old = &q.OldObject
	}
	n.normalizeRange(e.denied)
	n.addAllocations()
	if e.denied["offset-syntax"] {
		n.normalizeKeys()
	}
	return n.finish(ctx)
}

// normalization collects the changes of a pool.
type normalization struct {
	s    *Scratch
	pool *ippool.IndexedPool
	// old is the pool before an update, or nil.
	old        *ippool.Pool
	operations []operation
	// count is the number of operations, including those without room in the patch, and size the bytes of their keys.
	count, size int
	// disowned and keys say which managedFields must change too; see ownership.
	disowned bool
	keys     map[string]string
}

// operation is one operation of a JSON Patch (RFC 6902).
type operation struct {
	Op    string `json:"op"`
	From  string `json:"from,omitempty"`
	Path  string `json:"path"`
	Value any    `json:"value,omitempty"`
}

// add adds an operation, and a warning that says what is stored instead.
func (n *normalization) add(o operation, warning func(dst []byte) []byte) {
	n.count++
	n.size += len(o.From) + len(o.Path)
	if n.count > maxOperations || n.size > maxPatch {
		return
	}
	n.operations = append(n.operations, o)
	if n.count <= maxWarnings {
		n.s.result.Response.Warnings = append(n.s.result.Response.Warnings, n.s.append(func(dst []byte) []byte {
			return cut(warning(dst), len(dst)+maxWarning)
		}))
	}
}

// finish puts the patch into the response, or only a warning if the patch would be too large.
func (n *normalization) finish(ctx context.Context) error {
	switch {
	case n.count == 0:
		return nil
	case n.count > maxOperations || n.size > maxPatch:
		n.s.result.Response.Warnings = append(n.s.result.Response.Warnings[:0], "spec.allocations: not normalized: at most "+
			strconv.Itoa(maxOperations)+" keys, of "+strconv.Itoa(maxPatch>>10)+" KiB together, are normalized at a time")
		return nil
	}
	if rest := n.count - maxWarnings; rest > 0 {
		n.s.result.Response.Warnings = append(n.s.result.Response.Warnings, n.s.append(func(dst []byte) []byte { return appendRest(dst, rest, "warning") }))
	}
	if err := n.own(ctx); err != nil {
		return err
	}
	patch, err := json.Marshal(n.operations)
	n.s.result.Response.Patch = patch
	return err
}

// normalizeRange writes a range in canonical form, clears host bits if no allocation counts from them, and restores the range
// of the old pool if the new one is in the same network.
func (n *normalization) normalizeRange(denied map[string]bool) {
	if len(n.pool.RangeText) > ippool.MaxRange {
		return
	}
	text := strings.TrimSpace(n.pool.RangeText)
	r, err := ippool.ParseRange(text)
	if err != nil || text != n.pool.RangeText && !denied["range-syntax"] {
		return
	}
	rule, target := "range-syntax", r
	if denied["range-host-bits"] && r.HostBits() && (n.pool.Items == 0 || n.hadCanonical(r.Masked())) {
		rule, target = "range-host-bits", r.Masked()
	}
	canonical := target.String()
	if canonical == n.pool.RangeText || !denied[rule] {
		return
	}
	n.disowned = true
	n.add(operation{Op: "replace", Path: "/spec/range", Value: canonical}, func(dst []byte) []byte {
		dst = append(append(append(dst, "spec.range: stored as "...), canonical...), " instead of "...)
		dst = strconv.AppendQuote(dst, n.pool.RangeText)
		return append(append(append(dst, " (rule "...), rule...), ')')
	})
}

// hadCanonical reports whether the old pool has the range, in canonical form.
func (n *normalization) hadCanonical(r ippool.Range) bool {
	return n.old != nil && n.old.RangeText == r.String()
}

// addAllocations adds the map that the schema requires to a pool without allocations. If the old pool has allocations, the
// schema denies an update that omits them, so that it does not release them all.
func (n *normalization) addAllocations() {
	if n.pool.HasAllocations || n.old != nil && n.old.Items > 0 {
		return
	}
	n.add(operation{Op: "add", Path: "/spec/allocations", Value: struct{}{}}, func(dst []byte) []byte {
		return append(dst, "spec.allocations: stored as {}, because the schema requires it"...)
	})
}

// normalizeKeys writes keys that Whereabouts can read in canonical form. A key beside the canonical key of the same offset is
// removed if both have the same owner; otherwise only a person can tell which pod has the address.
func (n *normalization) normalizeKeys() {
	if n.pool.NonCanonical == 0 {
		return
	}
	offsets := n.pool.By(ippool.SameOffset)
	n.keys = map[string]string{}
	for i := range n.pool.Allocations {
		a := &n.pool.Allocations[i]
		if a.Offset.Canonical || !a.Offset.Readable {
			continue
		}
		// Such a key is decimal with a sign, which a JSON Pointer (RFC 6901) does not escape.
		from, to := "/spec/allocations/"+a.Key, "/spec/allocations/"+a.CanonicalKey()
		switch {
		case offsets.Size(i) == 1:
			n.add(operation{Op: "move", From: from, Path: to}, n.warnOfKey(a, "stored under key "))
		case n.hasOwner(a):
			n.add(operation{Op: "remove", Path: from}, n.warnOfKey(a, "not stored, because the same owner has key "))
		default:
			continue
		}
		if n.count <= maxOperations {
			n.keys[fieldPrefix+a.Key] = fieldPrefix + a.CanonicalKey()
		}
	}
}

// hasOwner reports whether the canonical key of the offset of a has the same owner.
func (n *normalization) hasOwner(a *ippool.Allocation) bool {
	canonical := n.pool.Find(a.CanonicalKey())
	if canonical < 0 {
		return false
	}
	other := &n.pool.Allocations[canonical]
	return other.SameOwnerAs(a) && (a.ClaimRef == "" || a.ClaimRef == other.ClaimRef)
}

// warnOfKey returns the warning about an allocation that is not stored under its own key.
func (n *normalization) warnOfKey(a *ippool.Allocation, what string) func(dst []byte) []byte {
	return func(dst []byte) []byte {
		dst = append(dst, "spec.allocations["...)
		dst = append(dst, a.Key[:min(len(a.Key), maxKeyInWarning)]...)
		dst = append(append(dst, "]: "...), what...)
		dst = strconv.AppendQuote(dst, a.CanonicalKey())
		return append(dst, " (rule offset-syntax)"...)
	}
}

// maxKeyInWarning is the number of bytes of a key that a warning repeats.
const maxKeyInWarning = 64
