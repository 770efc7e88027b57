package rules

import "ippool-webhook/webhook/ippool"

func nameMismatch() Rule {
	return Rule{
		ID: "name-mismatch",
		Docs: Docs{
			Summary: "a metadata.name that does not end in the range as Whereabouts spells it, with a hyphen for each colon and " +
				"for the slash.",
			Why: "Whereabouts looks a pool up by that name. It would never find this one, and make another for the same range, " +
				"from which it hands out the same addresses.",
			Fix: "Name the pool after its range, such as 10.0.0.0-24, after the name of its network or node and a hyphen if it " +
				"has one.",
		},
		Action: Warn,
		Pool: func(p *ippool.Pool) (Finding, bool) {
			return about(FieldName, Invalid), p.Name != "" && p.EffectiveRange.IsValid() && !p.EffectiveRange.Names(p.Name)
		},
		Detail: func(dst []byte, s Subject, _ Finding) []byte {
			dst = append(dst, "Whereabouts looks for a pool of range "...)
			dst = append(dst, s.Pool.EffectiveRange.String()...)
			dst = append(dst, " under a name that ends in "...)
			return appendQuoted(dst, s.Pool.EffectiveRange.NameSuffix())
		},
	}
}
