// podref-multi-interface
//
// Finds: one podref on several interfaces.
//
// Why: It is legitimate: a pod may have several interfaces on one range. Where it is not meant, it is an entry that
// nobody freed.
//
// Do: Nothing, where the pod has these interfaces; otherwise remove the entry that is left over.

package rules

import "ippool-webhook/webhook/ippool"

func podrefMultiInterface() Rule {
	return Rule{
		ID:          "podref-multi-interface",
		Action:      Warn,
		ByInterface: true,
		Pool: func(p *ippool.Pool, r *Report) {
			same := p.ByPodRef()
			if !same.Shared() {
				return
			}
			for i := range p.Allocations {
				if other := earlierInterface(p, same, i); other >= 0 {
					r.AddEntry(FieldPodRef, Duplicate, i, other)
				}
			}
		},
		Detail: func(dst []byte, s Subject, f Finding) []byte {
			other := s.Pool.Allocations[f.Other]
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
// That some entry with a lower offset exists stays true only as long as it does: removing entries makes no new finding.
func earlierInterface(p *ippool.Pool, same *ippool.Groups, i int) int {
	if first := same.First(i); p.Allocations[first].IfName != p.Allocations[i].IfName {
		return first
	}
	if other := same.FirstOther(i); other >= 0 && p.Less(other, i) {
		return other
	}
	return -1
}
