// offset-out-of-range
//
// Finds: an offset at or past the number of addresses in the range, or past what Whereabouts can read: int64, and for
// IPv4 4294967294.
//
// Why: The entry stands for an address outside the network, or for none: Whereabouts cannot reach it, and does not free
// it.
//
// Do: Remove the entry, or move the allocation to the pool whose range holds its address.

package rules

import (
	"strconv"

	"ippool-webhook/webhook/ippool"
)

func offsetOutOfRange() Rule {
	return Rule{
		ID:     "offset-out-of-range",
		Action: Deny,
		Pool: func(p *ippool.Pool, r *Report) {
			if !p.Range.IsValid() {
				return
			}
			limit := p.Range.OffsetLimit()
			for i := range p.Allocations {
				offset := p.Allocations[i].Offset
				tooLarge := !offset.Readable && offset.Canonical // digits, but more than an int64 holds
				if tooLarge || offset.Readable && offset.Value >= limit {
					r.AddEntry(FieldKey, Invalid, i, -1)
				}
			}
		},
		Detail: func(dst []byte, s Subject, _ Finding) []byte {
			dst = append(dst, "is past "...)
			dst = strconv.AppendUint(dst, s.Pool.Range.OffsetLimit()-1, 10)
			dst = append(dst, ", the last offset of "...)
			dst = append(dst, s.Pool.Range.String()...)
			return append(dst, " that Whereabouts can use"...)
		},
	}
}
