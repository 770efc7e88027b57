package rules

import (
	"slices"

	"ippool-webhook/webhook/ippool"
)

// maxKept is the number of findings of one rule that are kept: those that come first in reports. Further findings are only
// counted. sigs.k8s.io/json reports as many of a strict decoding.
const maxKept = 100

// Report collects the findings of rules about one request, separately for each rule and for new and existing findings. It keeps
// a bounded number of findings. Reset makes it reusable.
type Report struct {
	pool    *ippool.IndexedPool
	change  *ippool.Change
	rules   []Rule
	rule    int // the place of the rule that is evaluated
	tallies [][2]Tally
	gained  []bool // by group; see gainedGroups
	old     map[oldField]struct{}
}

// Tally holds the findings of one rule that are either all new or all existing.
type Tally struct {
	// Count is how many there are.
	Count int
	// Findings are the first of them, in the order of Compare, once the report is complete.
	Findings []Finding
	full     bool // the first maxKept are in order, and later ones are only counted
}

// Reset makes r an empty report on a pool, or, where change is not nil, on an update to that pool.
func (r *Report) Reset(set *Set, pool *ippool.IndexedPool, change *ippool.Change) {
	r.pool, r.change, r.rules, r.old = pool, change, set.rules, nil
	for len(r.tallies) < len(set.rules) {
		r.tallies = append(r.tallies, [2]Tally{})
	}
	for i := range r.tallies {
		for j := range r.tallies[i] {
			t := &r.tallies[i][j]
			t.Count, t.Findings, t.full = 0, t.Findings[:0], false
		}
	}
}

// New returns the findings of the rule with a place in the set that the request introduces.
func (r *Report) New(rule int) *Tally { return &r.tallies[rule][0] }

// Existing returns the findings of the rule with a place in the set that the old pool had too.
func (r *Report) Existing(rule int) *Tally { return &r.tallies[rule][1] }

// add adds a finding of the rule that is evaluated.
func (r *Report) add(f Finding, existing bool) {
	f.Rule = int8(r.rule)
	t := &r.tallies[r.rule][0]
	if existing {
		t = &r.tallies[r.rule][1]
	}
	t.Count++
	if t.full && Compare(r.pool.Pool, f, t.Findings[maxKept-1]) >= 0 {
		return
	}
	t.Findings = append(t.Findings, f)
	if len(t.Findings) == 2*maxKept {
		t.complete(r.pool.Pool)
	}
}

// complete puts the findings in order and drops all but the first.
func (t *Tally) complete(p *ippool.Pool) {
	if len(t.Findings) < 2 {
		return
	}
	slices.SortFunc(t.Findings, func(a, b Finding) int { return Compare(p, a, b) })
	if len(t.Findings) >= maxKept {
		t.full, t.Findings = true, t.Findings[:maxKept]
	}
}

func (r *Report) complete() {
	for i := range r.rules {
		r.New(i).complete(r.pool.Pool)
		r.Existing(i).complete(r.pool.Pool)
	}
}

// Add adds a finding about a change or a deletion.
func (r *Report) Add(f Finding) { r.add(f, false) }

// AddChange adds a finding about the change of allocation i. old is the number of the allocation of the old pool that it
// replaces.
func (r *Report) AddChange(field Field, kind Kind, i, old int) {
	r.add(Finding{Field: field, Kind: kind, Item: int32(i), Conflict: -1, Old: int32(old)}, false)
}

// AddAllocation adds a finding about allocation i alone.
func (r *Report) AddAllocation(field Field, kind Kind, i int) {
	f := Finding{Field: field, Kind: kind, Item: int32(i), Conflict: -1, Old: -1}
	r.add(f, r.change != nil && r.allocationExisted(field, i))
}

// allocationExisted reports whether the rule finds the same in an allocation of the old pool at the same offset.
func (r *Report) allocationExisted(field Field, i int) bool {
	rule := &r.rules[r.rule]
	if !r.change.Had(i, field.identity()) {
		return false
	}
	return rule.AllocationExisted == nil || rule.AllocationExisted(r.change, r.change.Before(i))
}

// identity returns the identity of two allocations with the same value in the field.
func (f Field) identity() ippool.Identity {
	switch f {
	case FieldPodRef:
		return ippool.SamePod
	case FieldOffset:
		return ippool.SameOffset
	case FieldID, FieldValue: // ID holds the text of a value that is not an object
		return ippool.SameID
	case FieldIfName:
		return ippool.SameIfName
	case FieldClaimRef:
		return ippool.SameClaim
	default:
		return ippool.SameKey
	}
}
