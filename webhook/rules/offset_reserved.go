// offset-reserved
//
// Finds: the first or the last address of a range of four or more.
//
// Why: They are the network's own address and, in IPv4, its broadcast address. Whereabouts never hands them out.
//
// Do: Remove the entry, unless the address was given by hand on purpose.

package rules

import "ippool-webhook/webhook/ippool"

func offsetReserved() Rule {
	return Rule{
		ID:     "offset-reserved",
		Action: Warn,
		Pool: func(p *ippool.Pool, r *Report) {
			if !p.Range.IsValid() {
				return
			}
			first, last, exist := p.Range.Reserved()
			if !exist {
				return
			}
			for i := range p.Allocations {
				offset := p.Allocations[i].Offset
				if offset.Readable && (offset.Value == first || offset.Value == last && last < p.Range.OffsetLimit()) {
					r.AddEntry(FieldKey, Invalid, i, -1)
				}
			}
		},
		Detail: func(dst []byte, s Subject, _ Finding) []byte {
			dst = append(dst, "is the first or the last address of "...)
			dst = append(dst, s.Pool.Range.String()...)
			return append(dst, ", which Whereabouts never hands out"...)
		},
	}
}
