package rules

import "ippool-webhook/webhook/ippool"

const rangeTooSmallDetail = "must have at least four addresses; Whereabouts does not assign the first and the last one"

func rangeTooSmall() Rule {
	return Rule{
		ID: "range-too-small",
		Docs: Docs{
			Summary: "The range has one or two addresses: /31, /32, /127 or /128. Not with enable_l3.",
			Why: "Whereabouts does not assign the first and the last address of a range. It cannot assign any address of such " +
				"a range, and no pod that needs one starts.",
			Fix: "Use a range with a prefix length of at most 30 for IPv4 or 126 for IPv6. If your Whereabouts supports " +
				"enable_l3, you can set it instead.",
		},
		Action: Warn,
		Pool: func(p *ippool.Pool) (Finding, bool) {
			return about(FieldRange, Invalid), p.EffectiveRange.IsValid() && p.EffectiveRange.HostLength() < 2 && !p.EnableL3
		},
		Detail: func(dst []byte, _ Subject, _ Finding) []byte {
			return append(dst, rangeTooSmallDetail...)
		},
		CEL: &CEL{
			Valid:   "!variables.isRange || variables.sameRange || variables.enableL3 || variables.hostLength >= 2",
			Field:   "spec.range",
			Message: celText("Invalid value: " + rangeTooSmallDetail),
		},
	}
}
