package rules

import "ippool-webhook/webhook/ippool"

func allocationReassigned() Rule {
	return Rule{
		ID: "allocation-reassigned",
		Docs: Docs{
			Summary: "An update assigns the offset of one pod to another pod, unless both allocations have the same ipamclaimref. " +
				"An allocation whose podref does not name a pod can be corrected. If two keys have one offset, one of them " +
				"can be removed.",
			Why: "The first pod still has the address on its interface and loses its allocation: two pods share an address. " +
				"Whereabouts releases an address before it assigns it again, unless a claim keeps the address for the next " +
				"pod.",
			Fix: "Wait until the first pod is deleted, remove the allocation, and let Whereabouts assign the address.",
		},
		Action: Deny,
		Update: func(c *ippool.Change, r *Report) {
			for _, changed := range c.Changed {
				i := int(changed)
				if from := c.TakenFrom(i); from >= 0 {
					r.AddChange(FieldPodRef, Invalid, i, from)
				}
			}
		},
		Detail: func(dst []byte, s Subject, f Finding) []byte {
			dst = append(dst, "must stay "...)
			dst = appendKey(dst, s.Change.Old.Allocations[f.Old].PodRef)
			return append(dst, ", which has this address; delete that pod and remove the allocation first"...)
		},
	}
}
