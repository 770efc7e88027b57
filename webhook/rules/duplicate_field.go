package rules

import "ippool-webhook/webhook/ippool"

func duplicateField() Rule {
	return Rule{
		ID: "duplicate-field",
		Docs: Docs{
			Summary: "A name occurs twice in one object, at any depth outside metadata.",
			Why:     "Only the last value counts, and no error is reported. In allocations, the allocation of a pod is lost.",
			Fix:     "Keep the value that is meant. fieldValidation decides: Strict denies, Warn warns, Ignore reports nothing.",
		},
		ByFieldValidation: true,
		Fields: func(p *ippool.Pool, r *Report) {
			for i := range p.Duplicates {
				r.AddField(FieldDuplicate, Duplicate, i)
			}
		},
		Detail: func(dst []byte, s Subject, f Finding) []byte {
			dst = append(dst, "duplicate field "...)
			return appendFieldPath(dst, f.Value(s.Pool.Pool))
		},
	}
}
