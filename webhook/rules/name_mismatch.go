package rules

import "ippool-webhook/webhook/ippool"

func nameMismatch() Rule {
	return Rule{
		ID: "name-mismatch",
		Docs: Docs{
			Summary: "metadata.name does not end in the range in the format of Whereabouts, which has a hyphen for each colon and " +
				"for the slash.",
			Why: "Whereabouts finds a pool by this name. It does not find a pool with another name, creates a second one for " +
				"the same range, and assigns the same addresses from it.",
			Fix: "Name the pool after its range, such as 10.0.0.0-24. If the network has a name, or each node has its own " +
				"range, the name of the network or node and a hyphen precede it.",
		},
		Action: Warn,
		Pool: func(p *ippool.Pool) (Finding, bool) {
			return about(FieldName, Invalid), p.Name != "" && p.EffectiveRange.IsValid() && !p.EffectiveRange.Names(p.Name)
		},
		Detail: func(dst []byte, s Subject, _ Finding) []byte {
			dst = append(dst, "must end in "...)
			dst = appendQuoted(dst, s.Pool.EffectiveRange.NameSuffix())
			dst = append(dst, ", the name under which Whereabouts looks for the pool of "...)
			return append(dst, s.Pool.EffectiveRange.String()...)
		},
		CEL: &CEL{
			Valid: "!variables.isRange || oldObject != null && variables.sameRange || ('-' + object.metadata.name).endsWith('-' + " +
				"string(cidr(variables.range).masked()).replace(':', '-').replace('/', '-'))",
			Field:   "metadata.name",
			Message: celText("Invalid value: must end in ") + " + string(cidr(variables.range).masked()).replace(':', '-').replace('/', '-')",
		},
	}
}
