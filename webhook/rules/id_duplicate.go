// id-duplicate
//
// Finds: two entries with the same container id and the same ifname.
//
// Why: When the pod goes, Whereabouts frees one entry that has its container id and interface; the other stays.
//
// Do: Keep the entry whose address the container's interface really has, and remove the other.

package rules

import "ippool-webhook/webhook/ippool"

func idDuplicate() Rule {
	return Rule{
		ID:          "id-duplicate",
		Action:      Warn,
		ByInterface: true,
		Pool: func(p *ippool.Pool, r *Report) {
			same := p.ByContainerInterface()
			if !same.Shared() {
				return
			}
			for i := range p.Allocations {
				if first := same.First(i); first != i {
					r.AddEntry(FieldID, Duplicate, i, first)
				}
			}
		},
		Detail: func(dst []byte, s Subject, f Finding) []byte {
			dst = append(dst, "this container interface already has offset "...)
			return appendKey(dst, s.Pool.Allocations[f.Other].Key)
		},
	}
}
