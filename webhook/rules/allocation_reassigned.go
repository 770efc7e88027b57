// allocation-reassigned
//
// Finds: an update that gives an offset to another pod while its entry still names one. An entry whose podref names no
// pod may be mended.
//
// Why: The first pod keeps the address on its interface and loses its record: two pods share an address. Whereabouts
// frees an address before it hands it out again.
//
// Do: Remove the entry in one update, once the first pod is gone, and let Whereabouts hand out the address.

package rules

import "ippool-webhook/webhook/ippool"

func allocationReassigned() Rule {
	return Rule{
		ID:     "allocation-reassigned",
		Action: Deny,
		Update: func(c *ippool.Change, r *Report) {
			for i, kept := range c.Kept {
				if kept < 0 {
					continue
				}
				owner := c.Old.Allocations[i].PodRef
				if c.New.Allocations[kept].PodRef != owner && ippool.ValidPodRef(owner) {
					r.AddEntry(FieldPodRef, Invalid, int(kept), i)
				}
			}
		},
		Detail: func(dst []byte, s Subject, f Finding) []byte {
			dst = append(dst, "the offset belongs to "...)
			dst = appendKey(dst, s.Change.Old.Allocations[f.Other].PodRef)
			return append(dst, "; remove the entry first, once that pod is gone"...)
		},
	}
}
