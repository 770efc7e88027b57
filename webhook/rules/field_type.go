package rules

import "ippool-webhook/webhook/ippool"

func fieldType() Rule {
	return Rule{
		ID: "field-type",
		Docs: Docs{
			Summary: "a field of the schema, outside metadata, whose value has the wrong JSON type, such as a number for a podref.",
			Why: "Whereabouts cannot decode the pool: it can neither assign nor release an address in it, and its clean-up " +
				"stops for the whole cluster. The API server denies such values itself, except where the CRD has a schema " +
				"that allows them.",
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
			want := "a string"
			switch f.Field {
			case FieldWrongType:
				want = s.Pool.WrongTypes[f.Item].Want
			case FieldValue:
				want = "an object"
			}
			return append(append(dst, "must be "...), want...)
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
