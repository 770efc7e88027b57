package rules

import "ippool-webhook/webhook/ippool"

const rangeHostBitsDetail = "must be the network address, without host bits; write "

func rangeHostBits() Rule {
	return Rule{
		ID: "range-host-bits",
		Docs: Docs{
			Summary: "The address in the range is not the network address, such as in 10.0.0.5/24.",
			Why: "Whereabouts counts offsets from the address in the range, so the last offsets of the pool are outside of the " +
				"network. Its subtraction of addresses is also wrong in such a range: in 10.0.0.200/16, it writes offset 61 " +
				"back as 51. Whereabouts itself writes ranges without host bits, and looks for the pool under another name.",
			Fix: "Write the network address. If the pool has no allocations, the mutating webhook does this. It does not " +
				"change the range of a pool with allocations, because the address of each allocation would change.",
		},
		Action: Deny,
		Pool: func(p *ippool.Pool) (Finding, bool) {
			return about(FieldRange, Invalid), p.EffectiveRange.IsValid() && p.EffectiveRange.HostBits()
		},
		Detail: func(dst []byte, s Subject, _ Finding) []byte {
			dst = append(dst, rangeHostBitsDetail...)
			return append(dst, s.Pool.EffectiveRange.Masked().String()...)
		},
		CEL: &CEL{
			Valid:   "!variables.isRange || variables.sameRange || cidr(variables.range) == cidr(variables.range).masked()",
			Field:   "spec.range",
			Message: celText("Invalid value: "+rangeHostBitsDetail) + " + string(cidr(variables.range).masked())",
			Missing: "host bits in a malformed range such as 10.0.0.5/024",
		},
	}
}
