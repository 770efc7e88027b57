package rules

import "ippool-webhook/webhook/ippool"

func podrefMultiInterface() Rule {
	return Rule{
		ID: "podref-multi-interface",
		Docs: Docs{
			Summary: "one podref on several interfaces, or twice without ifname and with one id, as Whereabouts up to v0.7 wrote " +
				"it.",
			Why: "It is legitimate: a pod may have several interfaces on one range. Where it is not intended, one of the " +
				"allocations was never released.",
			Fix: "Nothing, where the pod has these interfaces; otherwise remove the allocation that is left over.",
		},
		Action:   Warn,
		Identity: ippool.SamePod,
		Groups: func(p *ippool.Pool, same *ippool.Groups, r *Report) {
			for i := range p.Allocations {
				if other := earlierInterface(p, same, i); other >= 0 {
					r.AddMember(same, FieldPodRef, i, other)
				}
			}
		},
		Detail: func(dst []byte, s Subject, f Finding) []byte {
			other := s.Pool.Allocations[f.Conflict]
			dst = append(dst, "this pod also has offset "...)
			dst = appendKey(dst, other.Key)
			if other.IfName == "" {
				return append(dst, ", without an interface name"...)
			}
			dst = append(dst, " on interface "...)
			return appendQuoted(dst, other.IfName)
		},
	}
}

// earlierInterface returns an allocation of lower offset that the pod of allocation i has on another interface, or -1.
// That some allocation with a lower offset exists stays true only as long as it does: removing allocations makes no new
// finding.
func earlierInterface(p *ippool.Pool, same *ippool.Groups, i int) int {
	a, first := &p.Allocations[i], same.First(i)
	switch {
	case p.Allocations[first].SameOffset(a):
	case p.Allocations[first].IfName != a.IfName, legacyInterfaces(&p.Allocations[first], a):
		return first
	}
	if other := same.FirstOther(i); other >= 0 && p.Less(other, i) && p.Allocations[other].IfName != a.IfName && !p.Allocations[other].SameOffset(a) {
		return other
	}
	return -1
}
