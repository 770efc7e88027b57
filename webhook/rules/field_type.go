package rules

import "ippool-webhook/webhook/ippool"

func fieldType() Rule {
	return Rule{
		ID: "field-type",
		Docs: Docs{
			Summary: "A field of the schema, outside metadata, has the wrong JSON type, such as a number for a podref.",
			Why: "Whereabouts cannot decode the pool. It can neither assign nor release an address in it, and its clean-up " +
				"stops for the whole cluster. The API server denies such values itself, unless the schema of the CRD allows " +
				"them.",
			Fix: "Write a value of the type that the message names.",
		},
		Action: Deny,
		Allocations: func(p *ippool.Pool, r *Report) {
			for i := range p.Allocations {
				if wrong := p.Allocations[i].WrongTypes; wrong != 0 {
					addWrongTypes(r, i, wrong)
				}
			}
		},
		Fields: func(p *ippool.Pool, r *Report) {
			for i := range p.WrongTypes {
				r.AddField(FieldWrongType, TypeInvalid, i)
			}
		},
		Detail: func(dst []byte, s Subject, f Finding) []byte {
			must := "string"
			switch f.Field {
			case FieldWrongType:
				must = s.Pool.WrongTypes[f.Item].Must
			case FieldValue:
				must = "object"
			}
			dst = f.AppendPath(dst, s.Pool.Pool)
			dst = append(dst, " in body must be of type "...)
			dst = append(dst, must...)
			return appendQuoted(append(dst, ": "...), ippool.TypeOf(f.Value(s.Pool.Pool)))
		},
	}
}

// addWrongTypes reports the fields of an allocation that have a wrong type.
func addWrongTypes(r *Report, i int, wrong ippool.WrongTypes) {
	for _, part := range [...]struct {
		bit   ippool.WrongTypes
		field Field
	}{
		{ippool.WrongValue, FieldValue},
		{ippool.WrongPodRef, FieldPodRef},
		{ippool.WrongID, FieldID},
		{ippool.WrongIfName, FieldIfName},
		{ippool.WrongClaimRef, FieldClaimRef},
	} {
		if wrong&part.bit != 0 {
			r.AddAllocation(part.field, TypeInvalid, i)
		}
	}
}
