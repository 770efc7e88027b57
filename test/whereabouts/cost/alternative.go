package main

import (
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
)

// alternatives returns other ways to configure ours. They say what each part of the shipped one costs or saves.
func (c *configurations) alternatives() []variant {
	return []variant{c.uncalled(), c.unmutated(), c.unconditional(), c.combined(), c.releasesToo(), c.skippingRemovals()}
}

// uncalled leaves Whereabouts unjudged: what remains is the price of the conditions that tell it apart.
func (c *configurations) uncalled() variant {
	v := c.shipped("not-called")
	v.perPod = 0
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

// combined asks what are several conditions as one, of which CEL need not look at the rest once it knows.
func (c *configurations) combined() variant {
	v := c.shipped("one-condition")
	one := func(conditions []admissionv1.MatchCondition) []admissionv1.MatchCondition {
		expressions := make([]string, len(conditions))
		for i, condition := range conditions {
			expressions[i] = "(" + condition.Expression + ")"
		}
		return []admissionv1.MatchCondition{{Name: "all", Expression: strings.Join(expressions, " && ")}}
	}
	for i := range v.validating {
		v.validating[i].MatchConditions = one(v.validating[i].MatchConditions)
	}
	for i := range v.mutating {
		v.mutating[i].MatchConditions = one(v.mutating[i].MatchConditions)
	}
	return v
}

const releaseCondition = "more-than-a-release"

// releasesToo calls the webhook for pods that end too.
func (c *configurations) releasesToo() variant {
	v := c.shipped("releases-too")
	v.perPod = 2
	for i := range v.validating {
		v.validating[i].MatchConditions = without(v.validating[i].MatchConditions, releaseCondition)
	}
	return v
}

// skippingRemovals does not call the webhook for what only removes entries, rather than for whatever leaves one entry less. To
// see that, CEL has to look at every entry.
func (c *configurations) skippingRemovals() variant {
	v := c.shipped("skips-removals")
	for _, webhook := range v.validating {
		for i, condition := range webhook.MatchConditions {
			if condition.Name == releaseCondition {
				webhook.MatchConditions[i].Expression = `request.operation != 'UPDATE' || !has(object.spec.allocations) || !has(oldObject.spec.allocations) ||
					object.spec.range != oldObject.spec.range || !object.spec.allocations.all(key, key in oldObject.spec.allocations &&
					object.spec.allocations[key] == oldObject.spec.allocations[key])`
			}
		}
	}
	return v
}
