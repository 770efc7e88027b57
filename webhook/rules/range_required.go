package rules

import "ippool-webhook/webhook/ippool"

func rangeRequired() Rule {
	return Rule{
		ID: "range-required",
		Docs: Docs{
			Summary: "spec or spec.range missing or empty.",
			Why: "Whereabouts turns an allocation's offset into an address by counting from spec.range. Without one it can " +
				"read nothing from the pool, and every pod that needs an address from it fails to start.",
			Fix: "Write the range in CIDR notation, such as range: 10.0.0.0/24.",
		},
		Action: Deny,
		Pool: func(p *ippool.Pool) (Finding, bool) {
			switch {
			case p.RangeText != "" || p.HasWrongType("spec", "spec.range"):
				return Finding{}, false
			case !p.HasSpec:
				return about(FieldSpec, Required), true
			default:
				return about(FieldRange, Required), true
			}
		},
		// The old pool had no range either; then only spec can have disappeared.
		PoolExisted: func(c *ippool.Change) bool { return c.New.HasSpec || !c.Old.HasSpec },
		Detail: func(dst []byte, _ Subject, _ Finding) []byte {
			return append(dst, "a pool needs a range in CIDR notation, such as 10.0.0.0/24 or 2001:db8::/64"...)
		},
	}
}
