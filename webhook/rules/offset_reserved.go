package rules

import "ippool-webhook/webhook/ippool"

const (
	offsetReservedDetail = "must not be the first or the last address of "
	offsetReservedReason = ", which Whereabouts never assigns"
)

func offsetReserved() Rule {
	return Rule{
		ID: "offset-reserved",
		Docs: Docs{
			Summary: "The offset is the first or the last address of a range of four or more. Not with enable_l3.",
			Why:     "These addresses are the network address and, in IPv4, the broadcast address. Whereabouts never assigns them.",
			Fix:     "Remove the allocation, unless a person assigned the address on purpose.",
		},
		Action: Warn,
		Allocations: func(p *ippool.Pool, r *Report) {
			o, exist := reservedOffsets(p)
			if !exist {
				return
			}
			for i := range p.Allocations {
				if o.hold(p.Allocations[i].Offset) {
					r.AddAllocation(FieldOffset, Invalid, i)
				}
			}
		},
		AllocationExisted: func(c *ippool.Change, old int) bool {
			o, exist := reservedOffsets(c.Old.Pool)
			return !c.Old.EffectiveRange.IsValid() || exist && o.hold(c.Old.Allocations[old].Offset)
		},
		Detail: func(dst []byte, s Subject, _ Finding) []byte {
			dst = append(dst, offsetReservedDetail...)
			dst = append(dst, s.Pool.EffectiveRange.String()...)
			return append(dst, offsetReservedReason...)
		},
		CEL: &CEL{
			Keys: "!variables.isRange || variables.enableL3 || variables.hostLength < 2 ? [] : " +
				"['0', string(variables.lastOffset)].filter(k, k in variables.added && (k == '0' || variables.hostLength < 32))",
			Message: celText("Invalid value: "+offsetReservedDetail) + " + variables.range + " + celText(offsetReservedReason),
			Missing: "offsets in a range that is malformed, and the last address of a range that has host bits or more than 2147483648 addresses",
		},
	}
}

// reserved holds the offsets of the first and the last address of a range; last only if Whereabouts can use it.
type reserved struct{ first, last, limit uint64 }

func (o reserved) hold(offset ippool.Offset) bool {
	return offset.Readable && offset.Value < o.limit && (offset.Value == o.first || offset.Value == o.last)
}

// reservedOffsets returns the offsets of p that Whereabouts never assigns, if there are any.
func reservedOffsets(p *ippool.Pool) (o reserved, exist bool) {
	if !p.EffectiveRange.IsValid() || p.EnableL3 {
		return reserved{}, false
	}
	o.first, o.last, exist = p.EffectiveRange.Reserved()
	o.limit = p.EffectiveRange.OffsetLimit()
	return o, exist
}
