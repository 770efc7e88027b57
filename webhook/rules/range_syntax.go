package rules

import "ippool-webhook/webhook/ippool"

func rangeSyntax() Rule {
	return Rule{
		ID: "range-syntax",
		Docs: Docs{
			Summary: "a range that is no CIDR, or that has an IPv6 zone, surrounding white space, or an IPv4-mapped IPv6 address.",
			Why: "Whereabouts parses the range of every pool that it touches; its clean-up stops at the first pool whose range " +
				"it cannot parse, for the whole cluster. An IPv4-mapped range it reads as IPv4, which nobody sees who looks " +
				"at the pool.",
			Fix: "Write network address, slash and prefix length, such as 10.0.0.0/24 or 2001:db8::/64.",
		},
		Action: Deny,
		Pool:   func(p *ippool.Pool) (Finding, bool) { return about(FieldRange, Invalid), p.RangeError != nil },
		// Another malformed text is a new finding, even if it denotes the same range.
		PoolExisted: func(c *ippool.Change) bool { return c.New.RangeText == c.Old.RangeText },
		Detail: func(dst []byte, s Subject, _ Finding) []byte {
			return append(dst, s.Pool.RangeError.Error()...)
		},
	}
}
