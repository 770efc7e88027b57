package rules

import "ippool-webhook/webhook/ippool"

func offsetAlias() Rule {
	return Rule{
		ID: "offset-alias",
		Docs: Docs{
			Summary: "two keys of allocations with one numeric value, such as 5 and 05.",
			Why: "Both are one address. Whereabouts reads both and writes back one of them, in no fixed order: the other pod's " +
				"record is gone while the pod still uses the address.",
			Fix: "Keep the entry of the pod that has the address, under the canonical key.",
		},
		Action:   Deny,
		Identity: ippool.SameOffset,
		Groups: func(p *ippool.Pool, aliases *ippool.Groups, r *Report) {
			for i := range p.Allocations {
				if first := aliases.First(i); first != i {
					r.AddMember(aliases, FieldKey, i, first)
				}
			}
		},
		Detail: func(dst []byte, s Subject, f Finding) []byte {
			dst = append(dst, "is the same offset as key "...)
			dst = appendQuoted(dst, s.Pool.Allocations[f.Conflict].Key)
			return append(dst, "; keep one of the two"...)
		},
	}
}
