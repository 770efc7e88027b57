package rules

import "ippool-webhook/webhook/ippool"

// removeOneOfTwo ends messages about allocations that exclude each other.
const removeOneOfTwo = "; remove one of the two"

func offsetAlias() Rule {
	return Rule{
		ID: "offset-alias",
		Docs: Docs{
			Summary: "Two keys have the same numeric value, such as 5 and 05.",
			Why: "Both keys denote one address. Whereabouts reads both and writes back only one, in no fixed order. The " +
				"allocation of the other pod is lost while the pod still uses the address.",
			Fix: "Keep the allocation of the pod that uses the address, with the canonical key.",
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
			dst = append(dst, "has the same offset as key "...)
			dst = appendQuoted(dst, s.Pool.Allocations[f.Conflict].Key)
			return append(dst, removeOneOfTwo...)
		},
		CEL: &CEL{
			// offset-syntax denies a new key with a sign or leading zeros. A new canonical key can have the offset of such an old one,
			// which is less than '1'.
			Keys: "(variables.added.size() == 0 || " +
				"!variables.oldAllocations.map(k, k).join('" + celSeparator + "').matches('(^|" + celSeparator + ")[-+0][^" + celSeparator + "]') ? [] : " +
				"variables.oldAllocations.filter(k, k < '1' && k != '0' && " +
				"k in variables.allocations && k" + celInteger + ").map(k, string(int(k)))" +
				".filter(k, k in variables.added && " + celKeepsKeys + "))",
			Message: celText("Invalid value: has the same offset as another key" + removeOneOfTwo),
		},
	}
}
