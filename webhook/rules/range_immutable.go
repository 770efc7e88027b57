// range-immutable
//
// Finds: an update that changes the range. Another spelling of the same range is no change; a malformed range, or the
// host bits of a pool without allocations, may be mended.
//
// Why: Allocations are offsets from the range's address. With another range every recorded pod has another address on
// paper than on its interface, and Whereabouts hands the real ones out again.
//
// Do: Create a pool for the new range. Whereabouts does that by itself when the network's configuration says so.

package rules

import "ippool-webhook/webhook/ippool"

func rangeImmutable() Rule {
	return Rule{
		ID:     "range-immutable",
		Action: Deny,
		Update: func(c *ippool.Change, r *Report) {
			if !c.Old.Range.IsValid() || c.New.Range == c.Old.Range || c.New.RangeText == c.Old.RangeText {
				return
			}
			empty := len(c.Old.Allocations) == 0 || len(c.New.Allocations) == 0
			if empty && c.New.Range == c.Old.Range.Masked() {
				return
			}
			r.Add(FieldRange, Invalid)
		},
		Detail: func(dst []byte, s Subject, _ Finding) []byte {
			dst = append(dst, "the range cannot be changed from "...)
			dst = append(dst, s.Change.Old.Range.String()...)
			dst = append(dst, ", because offsets count from it"...)
			if !s.Pool.Range.IsValid() {
				return dst
			}
			return append(dst, "; create a pool for the new range"...)
		},
	}
}
