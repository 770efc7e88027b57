// allocation-reassigned
//
// Finds: an update that replaces the podref at an offset, unless both allocations have the same ipamclaimref. An allocation
// whose podref does not name a pod may be corrected, and of two aliases one may be kept.
//
// Why: The first pod keeps the address on its interface and loses its allocation: two pods share an address. Whereabouts
// releases an address before it assigns it again, except where a claim keeps it for the next pod.
//
// Do: Remove the allocation in one update, once the first pod is gone, and let Whereabouts assign the address.

package rules

import "ippool-webhook/webhook/ippool"

func allocationReassigned() Rule {
	return Rule{
		ID:     "allocation-reassigned",
		Action: Deny,
		Update: func(c *ippool.Change, r *Report) {
			for _, changed := range c.Changed {
				i := int(changed)
				from := c.TakenFrom(i)
				if from < 0 {
					continue
				}
				if claim := c.Old.Allocations[from].ClaimRef; claim == "" || claim != c.New.Allocations[i].ClaimRef {
					r.AddChange(FieldPodRef, Invalid, i, from)
				}
			}
		},
		Detail: func(dst []byte, s Subject, f Finding) []byte {
			dst = append(dst, "the offset belongs to "...)
			dst = appendKey(dst, s.Change.Old.Allocations[f.Other].PodRef)
			return append(dst, "; remove the allocation first, once that pod is gone"...)
		},
	}
}
