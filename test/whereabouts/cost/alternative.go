package main

import (
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
)

// alternatives returns other ways to configure the default installation. They show the cost of its parts, and that of the CEL
// baseline.
func (c *configurations) alternatives() []variant {
	return []variant{c.unmutated(), c.separate(), {name: "cel-baseline", baseline: true}}
}

// unmutated returns the default installation without the mutating webhook.
func (c *configurations) unmutated() variant {
	v := c.skipped("no-mutating")
	v.mutating = nil
	return v
}

// specChanged is the beginning of the part of a match condition that compares the specs.
const specChanged = "(request.operation"

// separate returns the default installation with two match conditions. The API server evaluates both, but it stops early in one
// expression.
func (c *configurations) separate() variant {
	v := c.skipped("two-conditions")
	two := func(conditions []admissionv1.MatchCondition) []admissionv1.MatchCondition {
		identity, _, _ := strings.Cut(conditions[0].Expression, " && "+specChanged)
		spec := strings.TrimPrefix(conditions[0].Expression, identity+" && ")
		return []admissionv1.MatchCondition{{Name: "users", Expression: identity}, {Name: "spec-changed", Expression: spec}}
	}
	for i := range v.validating {
		v.validating[i].MatchConditions = two(v.validating[i].MatchConditions)
	}
	for i := range v.mutating {
		v.mutating[i].MatchConditions = two(v.mutating[i].MatchConditions)
	}
	return v
}
