package rules

import (
	"cmp"
	"fmt"
	"strings"

	"ippool-webhook/webhook/ippool"
)

// PodRefScope says what podref-duplicate compares.
type PodRefScope string

// The scopes of podref-duplicate.
const (
	ScopeInterface PodRefScope = "Interface" // podref and ifname; the default
	ScopePod       PodRefScope = "Pod"       // podref alone
)

// Options change what rules find.
type Options struct {
	PodRefDuplicateScope PodRefScope
}

// All returns every rule, in the order of the documentation and of reports.
func All(o Options) []Rule {
	return []Rule{
		rangeRequired(),
		rangeSyntax(),
		rangeHostBits(),
		rangeImmutable(),
		offsetSyntax(),
		offsetAlias(),
		offsetOutOfRange(),
		offsetReserved(),
		podrefSyntax(),
		podrefDuplicate(o.PodRefDuplicateScope),
		podrefMultiInterface(),
		idRequired(),
		idDuplicate(),
		ifnameSyntax(),
		nameMismatch(),
		allocationReassigned(),
		bulkRelease(),
		poolSize(),
		deleteInUse(),
		unknownField(),
		duplicateField(),
	}
}

// Set is a list of rules that are asked together.
type Set struct {
	rules []Rule
}

// NewSet returns the set of the given rules, and an error where two have one ID or there are more than a Finding can
// number.
func NewSet(rules []Rule) (*Set, error) {
	if len(rules) > 64 {
		return nil, fmt.Errorf("%d rules, want at most 64", len(rules))
	}
	seen := map[string]bool{}
	for _, rule := range rules {
		if seen[rule.ID] {
			return nil, fmt.Errorf("two rules have the ID %q", rule.ID)
		}
		seen[rule.ID] = true
	}
	return &Set{rules: rules}, nil
}

// Rules returns the rules of the set.
func (s *Set) Rules() []Rule { return s.rules }

// Rule returns the rule that made a finding.
func (s *Set) Rule(f Finding) *Rule { return &s.rules[f.Rule] }

// CheckPool adds to r what is wrong with p as it stands.
func (s *Set) CheckPool(p *ippool.Pool, r *Report) { s.RecheckPool(p, r, everyRule) }

// everyRule has the bits of all rules.
const everyRule = ^uint64(0)

// RecheckPool is CheckPool with only those rules whose bits, by their places in the set, are in which.
func (s *Set) RecheckPool(p *ippool.Pool, r *Report, which uint64) {
	for i := range s.rules {
		if check := s.rules[i].Pool; check != nil && which&(1<<i) != 0 {
			r.rule = int8(i)
			check(p, r)
		}
	}
}

// CheckUpdate adds to r what is wrong with the change c.
func (s *Set) CheckUpdate(c *ippool.Change, r *Report) {
	for i := range s.rules {
		if check := s.rules[i].Update; check != nil {
			r.rule = int8(i)
			check(c, r)
		}
	}
}

// CheckDelete adds to r what is wrong with deleting p.
func (s *Set) CheckDelete(p *ippool.Pool, r *Report) {
	for i := range s.rules {
		if check := s.rules[i].Delete; check != nil {
			r.rule = int8(i)
			check(p, r)
		}
	}
}

// Compare orders findings about p for reports: what concerns the whole pool, then by offset, then what field validation
// decides on; equal findings differ in their rules.
func Compare(p *ippool.Pool, a, b Finding) int {
	if order := cmp.Compare(a.place(), b.place()); order != 0 {
		return order
	}
	switch a.place() {
	case FieldKey:
		return p.Compare(int(a.Entry), int(b.Entry))
	case FieldUnknown:
		return strings.Compare(a.Value(p), b.Value(p))
	default:
		return cmp.Compare(a.Entry, b.Entry)
	}
}

// place returns the field, the fields of allocations being one.
func (f Finding) place() Field {
	if f.Field > FieldKey && f.Field <= FieldIfName {
		return FieldKey
	}
	return f.Field
}
