package rules

import (
	"net/netip"
	"strconv"
	"strings"

	"ippool-webhook/webhook/ippool"
)

const (
	offsetSyntaxDetail = "must be a decimal offset"
	offsetSyntaxForm   = ` without sign, white space or leading zeros, such as "5"`
)

func offsetSyntax() Rule {
	const canonical = "(0|[1-9][0-9]*)"
	return Rule{
		ID: "offset-syntax",
		Docs: Docs{
			Summary: "The key of an allocation is not a decimal number in canonical form: no leading zero, sign, space or " +
				"exponent.",
			Why: "Whereabouts ignores a key that it cannot read as a number. It assigns the address to another pod, and its " +
				"next write removes the allocation. Its next write changes a key that it can read, such as 05, to the " +
				"canonical form. After a negative number in an IPv4 pool, each write of Whereabouts to the pool fails.",
			Fix: `Write the offset in canonical form, such as "5". If the number is unambiguous, the mutating webhook does ` +
				`this.`,
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
			dst = append(dst, offsetSyntaxDetail...)
			a := &s.Pool.Allocations[f.Item]
			if canonical := correctKey(a); canonical != "" && s.Pool.Find(canonical) < 0 {
				dst = append(dst, "; write "...)
				return appendQuoted(dst, canonical)
			}
			if address, err := netip.ParseAddr(a.Key); err == nil && s.Pool.EffectiveRange.IsValid() {
				return appendOffsetOf(append(dst, "; "...), address, s.Pool.EffectiveRange)
			}
			return append(dst, offsetSyntaxForm...)
		},
		CEL: &CEL{
			Keys:    celAdded(celAll("variables.added", canonical), "!k.matches('^"+canonical+"$')"),
			Message: celText("Invalid value: " + offsetSyntaxDetail + offsetSyntaxForm),
		},
	}
}

// correctKey returns the canonical key for a key that denotes one offset, also with white space around it, or "".
func correctKey(a *ippool.Allocation) string {
	if a.Offset.Readable {
		return a.CanonicalKey()
	}
	if trimmed := strings.TrimSpace(a.Key); ippool.ParseOffset(trimmed).Canonical {
		return trimmed
	}
	return ""
}

// appendOffsetOf appends the offset of an address in a range, or that it has none.
func appendOffsetOf(dst []byte, address netip.Addr, in ippool.Range) []byte {
	offset, ok := in.OffsetOf(address)
	if !ok {
		dst = append(dst, address.String()...)
		dst = append(dst, " has no offset in "...)
		return append(dst, in.String()...)
	}
	dst = append(dst, "the offset of "...)
	dst = append(dst, address.String()...)
	dst = append(dst, " in "...)
	dst = append(dst, in.String()...)
	dst = append(dst, " is "...)
	return appendQuoted(dst, strconv.FormatUint(offset, 10))
}
