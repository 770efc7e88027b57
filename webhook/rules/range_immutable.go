package rules

import "ippool-webhook/webhook/ippool"

func rangeImmutable() Rule {
	return Rule{
		ID: "range-immutable",
		Docs: Docs{
			Summary: "an update that changes the range. Another spelling of the same range is no change. A malformed range, or the " +
				"host bits of a pool without allocations, may be corrected; with allocations, a malformed range may only be " +
				"corrected to the range that it unambiguously denotes.",
			Why: "Allocations are offsets from the range's address. With another range every recorded pod has another address " +
				"on paper than on its interface, and Whereabouts hands the real ones out again.",
			Fix: "Create a pool for the new range. Whereabouts does that by itself when the network's configuration says so.",
		},
		Action: Deny,
		Update: func(c *ippool.Change, r *Report) {
			// A malformed range that Whereabouts reads all the same has been in use.
			before, after := c.Old.EffectiveRange, c.New.EffectiveRange
			if !before.IsValid() || after == before || c.New.RangeText == c.Old.RangeText {
				return
			}
			empty := c.Old.Items == 0 || c.New.Items == 0
			// That an empty pool loses its range is what range-required or field-type finds.
			if empty && (c.Old.RangeError != nil || after == before.Masked() || c.New.RangeText == "") {
				return
			}
			r.Add(about(FieldRange, Invalid))
		},
		Detail: func(dst []byte, s Subject, _ Finding) []byte {
			dst = append(dst, "the range cannot be changed from "...)
			dst = append(dst, s.Change.Old.EffectiveRange.String()...)
			dst = append(dst, ", because offsets count from it"...)
			if !s.Pool.EffectiveRange.IsValid() {
				return dst
			}
			return append(dst, "; create a pool for the new range"...)
		},
	}
}
