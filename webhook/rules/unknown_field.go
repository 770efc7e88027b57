package rules

import "ippool-webhook/webhook/ippool"

func unknownField() Rule {
	return Rule{
		ID: "unknown-field",
		Docs: Docs{
			Summary: "a field outside the schema, at any depth outside metadata.",
			Why: "A misspelled field is dropped in silence, and with it what its writer meant. The API server reports such " +
				"fields itself, except where the CRD keeps them or is newer than the writer's.",
			Fix: "Correct the field's name, or remove it. fieldValidation decides: Strict denies, Warn warns, Ignore says " +
				"nothing.",
		},
		ByFieldValidation: true,
		Fields: func(p *ippool.Pool, r *Report) {
			for i := range p.Unknown {
				r.AddField(FieldUnknown, Invalid, i)
			}
			if p.MoreUnknown > 0 {
				r.AddUnlisted(p.MoreUnknown)
			}
		},
		Detail: func(dst []byte, s Subject, f Finding) []byte {
			dst = append(dst, "unknown field "...)
			return appendFieldPath(dst, f.Value(s.Pool.Pool))
		},
	}
}
