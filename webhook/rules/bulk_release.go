package rules

import (
	"strconv"

	"ippool-webhook/webhook/ippool"
)

// minBulk is how many allocations a bulk release removes at the least, unless it leaves none.
const minBulk = 8

func bulkRelease() Rule {
	return Rule{
		ID: "bulk-release",
		Docs: Docs{
			Summary: "an update that removes at least 8 and more than half of the allocations, or all of two or more.",
			Why: "Whereabouts assigns released addresses again at once. A list that was cut by accident gives the addresses of " +
				"running pods to new ones.",
			Fix: "Make sure that the pods of the removed allocations are gone. Whereabouts' clean-up does this after a node " +
				"was lost.",
		},
		Action: Warn,
		Update: func(c *ippool.Change, r *Report) {
			old, removed := c.Offsets()
			if removed >= minBulk && 2*removed > old || old >= 2 && len(c.New.Allocations) == 0 {
				r.Add(about(FieldAllocations, Forbidden))
			}
		},
		Detail: func(dst []byte, s Subject, _ Finding) []byte {
			old, removed := s.Change.Offsets()
			dst = append(dst, "releases "...)
			dst = strconv.AppendInt(dst, int64(removed), 10)
			dst = append(dst, " of "...)
			dst = strconv.AppendInt(dst, int64(old), 10)
			return append(dst, " allocations; Whereabouts assigns their addresses again at once"...)
		},
	}
}
