package rules

import (
	"strconv"

	"ippool-webhook/webhook/ippool"
)

func rangeTooSmall() Rule {
	return Rule{
		ID: "range-too-small",
		Docs: Docs{
			Summary: "a range of one or two addresses: /31, /32, /127 or /128. Not with enable_l3.",
			Why: "Whereabouts assigns neither the first nor the last address of a range, so that it can assign nothing from " +
				"such a pool: every pod that needs an address from it fails to start.",
			Fix: "Use a range with a prefix length of at most 30, or 126 for IPv6, or set enable_l3 where your Whereabouts has " +
				"it.",
		},
		Action: Warn,
		Pool: func(p *ippool.Pool) (Finding, bool) {
			return about(FieldRange, Invalid), p.EffectiveRange.IsValid() && p.EffectiveRange.HostLength() < 2 && !p.EnableL3
		},
		Detail: func(dst []byte, s Subject, _ Finding) []byte {
			dst = append(dst, "Whereabouts can assign no address from a range of "...)
			dst = strconv.AppendInt(dst, 1<<s.Pool.EffectiveRange.HostLength(), 10)
			if s.Pool.EffectiveRange.HostLength() == 0 {
				return append(dst, " address"...)
			}
			return append(dst, " addresses"...)
		},
	}
}
