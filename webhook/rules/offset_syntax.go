package rules

import "ippool-webhook/webhook/ippool"

func offsetSyntax() Rule {
	return Rule{
		ID: "offset-syntax",
		Docs: Docs{
			Summary: "a key of allocations that is not a canonical decimal: 0, or digits without a leading zero; no sign, no " +
				"space, no exponent.",
			Why: "Whereabouts skips a key that it cannot read as a number, hands the address out again, and drops the entry at " +
				"its next write. A key that it can read, such as 05, it renames at its next write. It does read a negative " +
				"number: in an IPv4 pool, every later write then fails.",
			Fix: `Write the offset as Whereabouts does, such as "5". Where the number is unambiguous, the mutating webhook ` +
				`does so.`,
		},
		Action: Deny,
		Allocations: func(p *ippool.Pool, r *Report) {
			if p.NonCanonical == 0 {
				return
			}
			for i := range p.Allocations {
				if !p.Allocations[i].Offset.Canonical {
					r.AddAllocation(FieldKey, Invalid, i)
				}
			}
		},
		Detail: func(dst []byte, s Subject, f Finding) []byte {
			dst = append(dst, "is not a decimal offset as Whereabouts writes it"...)
			if a := &s.Pool.Allocations[f.Item]; a.Offset.Readable && s.Pool.Find(a.Digits()) < 0 {
				dst = append(dst, "; write "...)
				return appendQuoted(dst, a.Digits())
			}
			return append(dst, `; want digits without sign, space or leading zero, such as "5"`...)
		},
	}
}
