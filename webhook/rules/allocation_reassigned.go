package rules

import "ippool-webhook/webhook/ippool"

func allocationReassigned() Rule {
	return Rule{
		ID: "allocation-reassigned",
		Docs: Docs{
			Summary: "an update that gives an offset to a pod that did not have it, while it is another pod's, unless both have " +
				"the same ipamclaimref. An allocation whose podref does not name a pod may be corrected, and of two aliases " +
				"one may be kept.",
			Why: "The first pod keeps the address on its interface and loses its allocation: two pods share an address. " +
				"Whereabouts releases an address before it assigns it again, except where a claim keeps it for the next pod.",
			Fix: "Remove the allocation in one update, once the first pod is gone, and let Whereabouts assign the address.",
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
			dst = append(dst, "the offset belongs to "...)
			dst = appendKey(dst, s.Change.Old.Allocations[f.Old].PodRef)
			return append(dst, "; remove the allocation first, once that pod is gone"...)
		},
	}
}
