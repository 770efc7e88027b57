// podref-duplicate
//
// Finds: two entries with the same podref and the same ifname, both absent being the same too. With scope: Pod, two
// entries with the same podref.
//
// Why: Whereabouts knows a pod's address by podref and ifname, and takes whichever of the two entries it meets first. A
// restarted pod may come up with the other address, and one of the two is never given back.
//
// Do: Keep the entry whose address the pod's interface really has, and remove the other.

package rules

import "ippool-webhook/webhook/ippool"

func podrefDuplicate(scope PodRefScope) Rule {
	return Rule{
		ID:          "podref-duplicate",
		Action:      Deny,
		ByInterface: scope != ScopePod,
		Pool: func(p *ippool.Pool, r *Report) {
			same := p.ByPodRef()
			if !same.Shared() {
				return
			}
			if scope != ScopePod {
				same = p.ByPodInterface()
			}
			for i := range p.Allocations {
				if first := same.First(i); first != i {
					r.AddEntry(FieldPodRef, Duplicate, i, first)
				}
			}
		},
		Detail: func(dst []byte, s Subject, f Finding) []byte {
			if ifname := s.Pool.Allocations[f.Entry].IfName; ifname != "" && scope != ScopePod {
				dst = append(dst, "interface "...)
				dst = appendQuoted(dst, ifname)
				dst = append(dst, " of this pod"...)
			} else {
				dst = append(dst, "this pod"...)
			}
			dst = append(dst, " already has offset "...)
			return appendKey(dst, s.Pool.Allocations[f.Other].Key)
		},
	}
}
