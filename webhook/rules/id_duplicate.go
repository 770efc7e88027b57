package rules

import "ippool-webhook/webhook/ippool"

func idDuplicate() Rule {
	return Rule{
		ID: "id-duplicate",
		Docs: Docs{
			Summary: "Two allocations have the same container id and the same ifname. Two allocations without ifname and with the " +
				"same podref do not count.",
			Why: "When the pod is deleted, Whereabouts releases one allocation with its container id and interface. The other " +
				"one stays.",
			Fix: "Keep the allocation of the address that the interface of the container has, and remove the other one.",
		},
		Action:   Warn,
		Identity: ippool.SameContainerInterface,
		Groups: func(p *ippool.Pool, same *ippool.Groups, r *Report) {
			for i := range p.Allocations {
				a, first := &p.Allocations[i], same.First(i)
				if first == i || p.Allocations[first].SameOffset(a) {
					continue
				}
				if a.IfName != "" || p.Allocations[first].PodRef != a.PodRef {
					r.AddMember(same, FieldID, i, first)
				}
			}
		},
		Detail: func(dst []byte, s Subject, f Finding) []byte {
			dst = append(dst, "this interface of the container already has the allocation at offset "...)
			dst = appendKey(dst, s.Pool.Allocations[f.Conflict].Key)
			return append(dst, "; remove one of the two"...)
		},
	}
}
