package rules

import "ippool-webhook/webhook/ippool"

func duplicateField() Rule {
	return Rule{
		ID: "duplicate-field",
		Docs: Docs{
			Summary: "a name that is given twice in one object, at any depth outside metadata.",
			Why:     "Only the last value counts, in silence. In allocations that is a pod's record that is lost.",
			Fix:     "Keep the value that is meant. fieldValidation decides: Strict denies, Warn warns, Ignore says nothing.",
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
