package rules

import "ippool-webhook/webhook/ippool"

func idDuplicate() Rule {
	return Rule{
		ID: "id-duplicate",
		Docs: Docs{
			Summary: "two allocations with the same container id and the same ifname, unless neither has an ifname and both have " +
				"one podref.",
			Why: "When the pod is deleted, Whereabouts releases one allocation with its container id and interface; the other " +
				"stays.",
			Fix: "Keep the allocation whose address the container's interface really has, and remove the other.",
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
			dst = append(dst, "this container interface already has offset "...)
			return appendKey(dst, s.Pool.Allocations[f.Conflict].Key)
		},
	}
}
