package rules

import "ippool-webhook/webhook/ippool"

func unknownField() Rule {
	return Rule{
		ID: "unknown-field",
		Docs: Docs{
			Summary: "A field is not in the schema, at any depth outside metadata.",
			Why: "The API server removes a field with a wrong name without an error, and its value is lost. It reports such " +
				"fields itself, unless the CRD preserves unknown fields or has fields that the webhook does not have in its " +
				"schema.",
			Fix: "Correct the name of the field, or remove it. If the CRD has the field, add it to knownFields of the policy. " +
				"fieldValidation decides: Strict denies, Warn warns, Ignore reports nothing.",
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
