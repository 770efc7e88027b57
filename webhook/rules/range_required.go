package rules

import "ippool-webhook/webhook/ippool"

const rangeRequiredDetail = "must have a range, such as range: 10.0.0.0/24"

func rangeRequired() Rule {
	return Rule{
		ID: "range-required",
		Docs: Docs{
			Summary: "spec or spec.range is missing or empty.",
			Why: "Whereabouts adds the offset of an allocation to the address in spec.range. Without a range it cannot read " +
				"the pool, and no pod that needs an address from the pool starts.",
			Fix: "Add the range as a CIDR, for example range: 10.0.0.0/24.",
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
			return append(dst, rangeRequiredDetail...)
		},
		CEL: &CEL{
			Valid:   "variables.range != '' || oldObject != null && variables.oldRange == '' && (variables.hasSpec || !variables.hadSpec)",
			Field:   "spec.range",
			Message: celText("Required value: " + rangeRequiredDetail),
		},
	}
}
