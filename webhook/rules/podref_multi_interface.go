package rules

import "ippool-webhook/webhook/ippool"

func podrefMultiInterface() Rule {
	return Rule{
		ID: "podref-multi-interface",
		Docs: Docs{
			Summary: "One podref has allocations for several interfaces, or two allocations without ifname and with one id, as " +
				"Whereabouts up to v0.7 wrote them.",
			Why: "This is valid if the pod has several interfaces in the range. Otherwise one of the allocations was not " +
				"released.",
			Fix: "If the pod has these interfaces, do nothing. Otherwise remove the allocation that the pod does not use.",
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
			dst = append(dst, "this pod also has the allocation at offset "...)
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
// Because only a lower offset counts, the removal of allocations does not lead to a new finding.
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
