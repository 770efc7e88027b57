package rules

import (
	"strconv"

	"ippool-webhook/webhook/ippool"
)

func deleteInUse() Rule {
	return Rule{
		ID: "delete-in-use",
		Docs: Docs{
			Summary: `the deletion of a pool that still has allocations. The annotation ippool-webhook/allow-delete: "true" on the ` +
				`pool lifts it.`,
			Why: "Whereabouts makes a new, empty pool at the next pod start and hands out the addresses of running pods again.",
			Fix: "Wait until the pods are gone. Where the pool is to go all the same, annotate it and delete it then.",
		},
		Action: Deny,
		Delete: func(p *ippool.Pool, r *Report) {
			if p.Items > 0 && !p.AllowDelete {
				r.Add(about(FieldAllocations, Forbidden))
			}
		},
		Detail: func(dst []byte, s Subject, _ Finding) []byte {
			dst = append(dst, "the pool still has "...)
			dst = strconv.AppendInt(dst, int64(s.Pool.Items), 10)
			dst = append(dst, " allocation"...)
			if s.Pool.Items > 1 {
				dst = append(dst, 's')
			}
			return append(dst, `; to delete it all the same, annotate it with ippool-webhook/allow-delete: "true"`...)
		},
	}
}
