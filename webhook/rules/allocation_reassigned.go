package rules

import "ippool-webhook/webhook/ippool"

const allocationReassignedDetail = ", which has this address; delete that pod and remove the allocation first"

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
			return append(dst, allocationReassignedDetail...)
		},
		CEL: &CEL{
			Keys: "variables.edited.filter(k, " + celField("podref") + " != " + celOldField("podref") + " && " + celKeepsKeys + " && " +
				celValidPodRef(celOldField("podref")) + " && !(" + celField("ipamclaimref") + " != '' && " +
				celField("ipamclaimref") + " == " + celOldField("ipamclaimref") + "))",
			Field:   ".podref",
			Message: celText("Invalid value: must stay ") + " + variables.oldAllocations[variables.allocationReassigned[0]].podref + " + celText(allocationReassignedDetail),
			Missing: "allocations whose key the request also replaces by another key of the same offset",
		},
	}
}
