package rules

import "ippool-webhook/webhook/ippool"

const rangeImmutableDetail = ", from which the offsets of the allocations count"

func rangeImmutable() Rule {
	return Rule{
		ID: "range-immutable",
		Docs: Docs{
			Summary: "An update changes the range. A different text of the same range is not a change. A malformed range can be " +
				"corrected. With allocations, it can only be corrected to the range that it unambiguously denotes. Host bits " +
				"can be cleared if the pool has no allocations.",
			Why: "The key of an allocation is an offset from the address in the range. With another range, each allocation " +
				"denotes another address than the pod uses, and Whereabouts assigns the used addresses again.",
			Fix: "Create a pool for the new range. Whereabouts does this when the network configuration has the new range.",
		},
		Action: Deny,
		Update: func(c *ippool.Change, r *Report) {
			// Whereabouts can read some malformed ranges, so such a range can be in use.
			before, after := c.Old.EffectiveRange, c.New.EffectiveRange
			if !before.IsValid() || after == before || c.New.RangeText == c.Old.RangeText {
				return
			}
			if c.New.RangeText == "" {
				return // range-required or field-type finds this
			}
			empty := c.Old.Items == 0 || c.New.Items == 0
			if empty && (c.Old.RangeError != nil || after == before.Masked()) {
				return
			}
			r.Add(about(FieldRange, Invalid))
		},
		Detail: func(dst []byte, s Subject, _ Finding) []byte {
			dst = append(dst, "must stay "...)
			dst = append(dst, s.Change.Old.EffectiveRange.String()...)
			dst = append(dst, rangeImmutableDetail...)
			if !s.Pool.EffectiveRange.IsValid() {
				return dst
			}
			return append(dst, "; create a pool for the new range"...)
		},
		CEL: &CEL{
			Valid: "!variables.wasRange || variables.range == '' || variables.sameRange || " +
				"(variables.allocations.size() == 0 || variables.oldAllocations.size() == 0) && variables.isRange && " +
				"cidr(variables.range) == cidr(variables.oldRange).masked()",
			Field:   "spec.range",
			Message: celText("Invalid value: must stay ") + " + variables.oldRange + " + celText(rangeImmutableDetail),
			Missing: "a malformed range with allocations that is corrected to another range than it denotes",
		},
	}
}
