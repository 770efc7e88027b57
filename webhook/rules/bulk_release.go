package rules

import (
	"strconv"

	"ippool-webhook/webhook/ippool"
)

// minBulk is the number of allocations that a bulk release removes at least, unless it removes all.
const minBulk = 8

const bulkReleaseDetail = " allocations; Whereabouts assigns their addresses to other pods immediately"

func bulkRelease() Rule {
	return Rule{
		ID: "bulk-release",
		Docs: Docs{
			Summary: "An update removes at least 8 and more than half of the allocations, or all of two or more.",
			Why: "Whereabouts assigns released addresses again immediately. If the allocations were removed by mistake, new " +
				"pods get the addresses of running pods.",
			Fix: "Make sure that the pods of the removed allocations do not run. The clean-up of Whereabouts makes such an " +
				"update after a node was lost.",
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
			dst = append(dst, "removes "...)
			dst = strconv.AppendInt(dst, int64(removed), 10)
			dst = append(dst, " of "...)
			dst = strconv.AppendInt(dst, int64(old), 10)
			return append(dst, bulkReleaseDetail...)
		},
		CEL: &CEL{
			Valid: "!(variables.released.size() >= " + strconv.Itoa(minBulk) + " && 2 * variables.released.size() > variables.oldAllocations.size() || " +
				"variables.released.size() >= 2 && variables.allocations.size() == 0)",
			Field: "spec.allocations",
			Message: celText("removes ") + " + string(variables.released.size()) + ' of ' + string(variables.oldAllocations.size()) + " +
				celText(bulkReleaseDetail),
		},
	}
}
