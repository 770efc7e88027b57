package rules

import (
	"strconv"

	"ippool-webhook/webhook/ippool"
)

const allocationMovedDetail = "; its allocation must stay there"

// maxCELMoves is the number of pairs of a removed and an added allocation that are compared.
const maxCELMoves = 10_000

func allocationMoved() Rule {
	return Rule{
		ID: "allocation-moved",
		Docs: Docs{
			Summary: "An update moves an allocation (podref, ifname and id) from one offset to another.",
			Why:     "The pod still uses the first address. Whereabouts assigns it to another pod, and two pods share an address.",
			Fix: "Keep the allocation at the offset of the address that the pod uses. To give a pod another address, delete " +
				"the pod.",
		},
		Action: Deny,
		Update: func(c *ippool.Change, r *Report) {
			if c.Old.EffectiveRange != c.New.EffectiveRange {
				return // range-immutable finds this
			}
			for _, changed := range c.Changed {
				i := int(changed)
				if from := c.MovedFrom(i); from >= 0 {
					r.AddChange(FieldKey, Invalid, i, from)
				}
			}
		},
		Detail: func(dst []byte, s Subject, f Finding) []byte {
			dst = append(dst, "pod "...)
			dst = appendKey(dst, s.Pool.Allocations[f.Item].PodRef)
			dst = append(dst, " uses the address at offset "...)
			dst = appendKey(dst, s.Change.Old.Allocations[f.Old].Key)
			return append(dst, allocationMovedDetail...)
		},
		CEL: &CEL{
			Keys: "!variables.sameRange || variables.removed.size() * variables.added.size() > " + strconv.Itoa(maxCELMoves) + " ? [] : " +
				"variables.added.filter(k, " + celField("id") + " != '' && variables.removed.exists(j, j" + celInteger + " && " +
				"!(k" + celInteger + " && int(j) == int(k)) && variables.oldAllocations[j] == variables.allocations[k]))",
			Message: celText("Invalid value: the pod uses the address at another offset" + allocationMovedDetail),
			Missing: "moves in a request that moves more than some 100 allocations, or that also changes the allocation",
		},
	}
}
