// offset-out-of-range
//
// Finds: an offset at or past the number of addresses in the range, or past what Whereabouts can read: int64, and for
// IPv4 4294967294.
//
// Why: The entry stands for an address outside of the network, which its pod gets when it starts again. An IPv4 offset past
// 4294967294 stands for no address at all: from then on every write of Whereabouts to the pool fails, and no pod that needs
// an address from it starts.
//
// Do: Remove the entry, or move the allocation to the pool whose range holds its address.

package rules

import (
	"math"
	"strconv"

	"ippool-webhook/webhook/ippool"
)

func offsetOutOfRange() Rule {
	return Rule{
		ID:     "offset-out-of-range",
		Action: Deny,
		Pool: func(p *ippool.Pool, r *Report) {
			limit := offsetLimit(p)
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
			dst = strconv.AppendUint(dst, offsetLimit(s.Pool)-1, 10)
			dst = append(dst, ", the last offset "...)
			if s.Pool.Range.IsValid() {
				dst = append(dst, "of "...)
				dst = append(dst, s.Pool.Range.String()...)
				dst = append(dst, ' ')
			}
			return append(dst, "that Whereabouts can use"...)
		},
	}
}

// offsetLimit returns the first offset that no allocation of p can have, whatever its range where that is malformed.
func offsetLimit(p *ippool.Pool) uint64 {
	if !p.Range.IsValid() {
		return math.MaxInt64 + 1
	}
	return p.Range.OffsetLimit()
}
