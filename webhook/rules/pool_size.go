package rules

import (
	"strconv"

	"ippool-webhook/webhook/ippool"
)

// largeObject is the size in bytes above which a pool is reported. The limit of etcd is 1.5 MiB (--max-request-bytes).
const largeObject = 1 << 20

func poolSize() Rule {
	return Rule{
		ID: "pool-size",
		Docs: Docs{
			Summary: "The object is larger than 1 MiB.",
			Why: "etcd does not store objects of more than 1.5 MiB. From this size on, Whereabouts cannot record an allocation " +
				"in the pool, and no pod that needs an address from it starts.",
			Fix: "Split the range into several pools, or configure Whereabouts to use a range for each node (node slices).",
		},
		Action: Warn,
		Pool:   func(p *ippool.Pool) (Finding, bool) { return about(FieldAllocations, Forbidden), p.Size > largeObject },
		Detail: func(dst []byte, s Subject, _ Finding) []byte {
			dst = append(dst, "the object has "...)
			dst = strconv.AppendInt(dst, int64(s.Pool.Size)>>10, 10)
			return append(dst, " KiB; etcd does not store objects of more than 1536 KiB; split the range"...)
		},
	}
}
