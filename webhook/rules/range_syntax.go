package rules

import "ippool-webhook/webhook/ippool"

func rangeSyntax() Rule {
	return Rule{
		ID: "range-syntax",
		Docs: Docs{
			Summary: "The range is not a CIDR, or has an IPv6 zone, surrounding white space or an IPv4-mapped IPv6 address.",
			Why: "Whereabouts parses the range of each pool. Its clean-up stops at the first range that it cannot parse, for " +
				"all pools of the cluster. It reads an IPv4-mapped IPv6 range as an IPv4 range, which the pool does not show.",
			Fix: "Write the network address, a slash and the prefix length, such as 10.0.0.0/24 or 2001:db8::/64.",
		},
		Action: Deny,
		Pool:   func(p *ippool.Pool) (Finding, bool) { return about(FieldRange, Invalid), p.RangeError != nil },
		// Another malformed text is a new finding, even if it denotes the same range.
		PoolExisted: func(c *ippool.Change) bool { return c.New.RangeText == c.Old.RangeText },
		Detail: func(dst []byte, s Subject, _ Finding) []byte {
			return append(dst, s.Pool.RangeError.Error()...)
		},
		CEL: &CEL{
			Valid:   "variables.range == '' || variables.isRange || variables.range == variables.oldRange",
			Field:   "spec.range",
			Message: celText("Invalid value: " + ippool.CIDR),
		},
	}
}
