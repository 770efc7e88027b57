// bulk-release
//
// Finds: an update that removes at least 8 and more than half of the allocations.
//
// Why: Released addresses are handed out again at once. A list that was cut by accident gives the addresses of running
// pods to new ones.
//
// Do: Make sure that the pods of the removed entries are gone. Whereabouts' clean-up does this after a node was lost.

package rules

import (
	"strconv"

	"ippool-webhook/webhook/ippool"
)

// minBulk is how many allocations a bulk release removes at the least.
const minBulk = 8

func bulkRelease() Rule {
	return Rule{
		ID:     "bulk-release",
		Action: Warn,
		Update: func(c *ippool.Change, r *Report) {
			if c.Removed >= minBulk && 2*c.Removed > len(c.Old.Allocations) {
				r.Add(FieldAllocations, Forbidden)
			}
		},
		Detail: func(dst []byte, s Subject, _ Finding) []byte {
			dst = append(dst, "releases "...)
			dst = strconv.AppendInt(dst, int64(s.Change.Removed), 10)
			dst = append(dst, " of "...)
			dst = strconv.AppendInt(dst, int64(len(s.Change.Old.Allocations)), 10)
			return append(dst, " allocations; their addresses are handed out again at once"...)
		},
	}
}
