package main

import (
	"slices"

	admissionv1 "k8s.io/api/admissionregistration/v1"
)

// alternatives returns other ways to configure ours. They say what each part of the shipped one costs or saves.
func (c *configurations) alternatives() []variant {
	return []variant{c.uncalled(), c.unmutated(), c.unconditional(), c.skippingRemovals()}
}

// uncalled leaves Whereabouts unjudged: what remains is the price of the conditions that tell it apart.
func (c *configurations) uncalled() variant {
	v := c.shipped("not-called")
	v.validating = slices.DeleteFunc(v.validating, func(w admissionv1.ValidatingWebhook) bool { return w.Name == trustedWebhook })
	return v
}

// unmutated has no mutating webhook, which never sees Whereabouts.
func (c *configurations) unmutated() variant {
	v := c.shipped("no-mutating")
	v.mutating = nil
	return v
}

// unconditional does not ask whether the spec has changed, as it always has in a write of Whereabouts.
func (c *configurations) unconditional() variant {
	v := c.shipped("spec-unchecked")
	for i := range v.validating {
		v.validating[i].MatchConditions = without(v.validating[i].MatchConditions, "spec-changed")
	}
	for i := range v.mutating {
		v.mutating[i].MatchConditions = without(v.mutating[i].MatchConditions, "spec-changed")
	}
	return v
}

func without(conditions []admissionv1.MatchCondition, name string) []admissionv1.MatchCondition {
	return slices.DeleteFunc(slices.Clone(conditions), func(m admissionv1.MatchCondition) bool { return m.Name == name })
}

// skippingRemovals does not call the webhook for what only removes entries. To see that, CEL has to look at every entry.
func (c *configurations) skippingRemovals() variant {
	v := c.shipped("skips-removals")
	for i := range v.validating {
		if v.validating[i].Name != trustedWebhook {
			continue
		}
		v.validating[i].MatchConditions = append(v.validating[i].MatchConditions, admissionv1.MatchCondition{
			Name: "more-than-a-removal",
			Expression: `request.operation != 'UPDATE' || !has(object.spec.allocations) || !has(oldObject.spec.allocations) ||
				object.spec.range != oldObject.spec.range || !object.spec.allocations.all(key, key in oldObject.spec.allocations &&
				object.spec.allocations[key] == oldObject.spec.allocations[key])`,
		})
	}
	return v
}
