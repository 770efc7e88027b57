package rules

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"ippool-webhook/webhook/ippool"
)

// PodRefScope is what podref-duplicate compares.
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
		rangeTooSmall(),
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
		allocationMoved(),
		allocationEdited(),
		bulkRelease(),
		poolSize(),
		deleteInUse(),
		fieldType(),
		unknownField(),
		duplicateField(),
	}
}

// Set is a list of rules that are evaluated together.
type Set struct {
	rules []Rule
}

// NewSet returns the set of the given rules, and an error where two have one ID or there are more than a Finding can
// number.
func NewSet(rules []Rule) (*Set, error) {
	if len(rules) > 64 {
		return nil, fmt.Errorf("%d rules: must be at most 64", len(rules))
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

// CheckPool writes the findings about p to r. It stops with the error of ctx if ctx ends.
func (s *Set) CheckPool(ctx context.Context, p *ippool.IndexedPool, r *Report) error {
	r.Reset(s, p, nil)
	return s.check(ctx, r, func(rule *Rule) { r.checkPool(rule) })
}

// CheckUpdate writes the findings about the new pool of a change, and about the change itself, to r.
func (s *Set) CheckUpdate(ctx context.Context, c *ippool.Change, r *Report) error {
	r.Reset(s, c.New, c)
	return s.check(ctx, r, func(rule *Rule) {
		r.checkPool(rule)
		if rule.Update != nil {
			rule.Update(c, r)
		}
	})
}

// CheckDelete writes the findings about the deletion of p to r.
func (s *Set) CheckDelete(ctx context.Context, p *ippool.IndexedPool, r *Report) error {
	r.Reset(s, p, nil)
	return s.check(ctx, r, func(rule *Rule) {
		if rule.Delete != nil {
			rule.Delete(p.Pool, r)
		}
	})
}

func (s *Set) check(ctx context.Context, r *Report, evaluate func(rule *Rule)) error {
	for i := range s.rules {
		if err := ctx.Err(); err != nil {
			return err
		}
		r.rule = i
		evaluate(&s.rules[i])
	}
	r.complete()
	return nil
}

// checkPool evaluates a rule on the pool, apart from changes.
func (r *Report) checkPool(rule *Rule) {
	if rule.Pool != nil {
		if f, found := rule.Pool(r.pool.Pool); found {
			r.add(f, r.change != nil && r.poolExisted(rule, f))
		}
	}
	if rule.Allocations != nil {
		rule.Allocations(r.pool.Pool, r)
	}
	if rule.Groups != nil && r.pool.Shares(rule.Identity) {
		r.findGained(rule.Identity)
		rule.Groups(r.pool.Pool, r.pool.By(rule.Identity), r)
	}
	if rule.Fields != nil {
		rule.Fields(r.pool.Pool, r)
	}
}

// poolExisted reports whether the rule finds the same in the old pool. Ranges are compared by their
// meaning: a different text of the same range is not new.
func (r *Report) poolExisted(rule *Rule, f Finding) bool {
	c := r.change
	before, found := rule.Pool(c.Old.Pool)
	switch {
	case !found:
		return false
	case rule.PoolExisted != nil:
		return rule.PoolExisted(c)
	case f.Field == FieldRange && c.Old.EffectiveRange.IsValid() && c.New.EffectiveRange.IsValid():
		return c.New.EffectiveRange == c.Old.EffectiveRange
	default:
		return f.Value(c.New.Pool) == before.Value(c.Old.Pool)
	}
}

// Compare orders findings about p for reports: findings about the whole pool, then findings about allocations by offset, then
// duplicate and unknown fields. Findings about one place are in the order of their rules.
func Compare(p *ippool.Pool, a, b Finding) int {
	if order := cmp.Compare(a.place(), b.place()); order != 0 {
		return order
	}
	switch a.place() {
	case FieldKey:
		return cmp.Or(p.Compare(int(a.Item), int(b.Item)), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Field, b.Field))
	case FieldUnknown:
		return strings.Compare(a.Value(p), b.Value(p))
	default:
		return cmp.Or(cmp.Compare(a.Item, b.Item), cmp.Compare(a.Rule, b.Rule))
	}
}

// place returns the field, the fields of allocations being one.
func (f Finding) place() Field {
	if f.Field > FieldKey && f.Field <= FieldClaimRef {
		return FieldKey
	}
	return f.Field
}
