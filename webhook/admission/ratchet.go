package admission

import (
	"ippool-webhook/webhook/ippool"
	"ippool-webhook/webhook/rules"
)

// ratchet knows what was wrong before an update, so that only what the update itself introduces is held against it. It
// is reused by remember.
type ratchet struct {
	old *ippool.Pool
	// rangeKnown says that old has the range that it had before, not one that it was judged by instead.
	rangeKnown bool
	// whole and entries hold a bit for each rule that found something in the pool as a whole, or in an allocation.
	whole   uint64
	entries []uint64
	// fields holds the findings that field validation decides on, which are not about allocations.
	fields map[fieldFinding]struct{}
}

type fieldFinding struct {
	rule int8
	path string
}

// remember makes r know the findings about old.
func (r *ratchet) remember(old *ippool.Pool, findings []rules.Finding) {
	r.old, r.whole = old, 0
	if cap(r.entries) < len(old.Allocations) {
		r.entries = make([]uint64, len(old.Allocations))
	}
	r.entries = r.entries[:len(old.Allocations)]
	clear(r.entries)
	r.fields = nil
	for _, f := range findings {
		switch {
		case f.Field >= rules.FieldDuplicate:
			r.rememberField(f)
		case f.Entry < 0:
			r.whole |= 1 << f.Rule
		default:
			r.entries[f.Entry] |= 1 << f.Rule
		}
	}
}

func (r *ratchet) rememberField(f rules.Finding) {
	if r.fields == nil {
		r.fields = map[fieldFinding]struct{}{}
	}
	r.fields[fieldFinding{f.Rule, f.Value(r.old)}] = struct{}{}
}

// has reports whether a finding about pool has the rule, field and value of one that r remembers.
func (r *ratchet) has(pool *ippool.Pool, f rules.Finding, rule *rules.Rule) bool {
	switch {
	case f.Field >= rules.FieldDuplicate:
		_, ok := r.fields[fieldFinding{f.Rule, r.pathBefore(pool, f)}]
		return ok || f.Field == rules.FieldUnknown && r.old.MoreUnknown // what is not listed may be among them
	case f.Entry < 0:
		return r.whole&(1<<f.Rule) != 0 && r.sameValue(pool, f)
	}
	now := &pool.Allocations[f.Entry]
	entry := r.old.FindOffset(now.Key)
	if entry < 0 || r.entries[entry]&(1<<f.Rule) == 0 {
		return false
	}
	if rule.ByInterface && now.IfName != r.old.Allocations[entry].IfName {
		return false
	}
	if f.Field == rules.FieldKey && !rule.BySpelling {
		return true // the value is the offset, which both say
	}
	before := f
	before.Entry = int32(entry)
	return f.Value(pool) == before.Value(r.old)
}

// sameValue compares the values of a finding about the pool as a whole; ranges by what they mean, so that respelling one
// makes nothing new.
func (r *ratchet) sameValue(pool *ippool.Pool, f rules.Finding) bool {
	if f.Field == rules.FieldRange && r.rangeKnown && pool.Range.IsValid() {
		return pool.Range == r.old.Range
	}
	return f.Value(pool) == f.Value(r.old)
}

// pathBefore returns the path that an unknown or duplicate field of pool had in the old object, where the key of its
// allocation may have been spelled otherwise.
func (r *ratchet) pathBefore(pool *ippool.Pool, f rules.Finding) string {
	if f.Field == rules.FieldUnknown {
		field := pool.Unknown[f.Entry]
		if field.Parent >= 0 {
			if entry := r.old.FindOffset(pool.Allocations[field.Parent].Key); entry >= 0 {
				field.Parent = int32(entry)
				return r.old.Path(field)
			}
		}
	}
	return f.Value(pool)
}
