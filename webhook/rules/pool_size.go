package rules

import (
	"strconv"

	"ippool-webhook/webhook/ippool"
)

// largeObject is the size in bytes from which a pool is told to be large; etcd's limit is 1.5 MiB (--max-request-bytes).
const largeObject = 1 << 20

func poolSize() Rule {
	return Rule{
		ID: "pool-size",
		Docs: Docs{
			Summary: "an object of over 1 MiB.",
			Why: "etcd refuses objects of over 1.5 MiB. From then on Whereabouts can record nothing in the pool, and no pod " +
				"that needs an address from it starts.",
			Fix: "Split the range into several pools, or let Whereabouts give each node a slice of its own.",
		},
		Action: Warn,
		Pool:   func(p *ippool.Pool) (Finding, bool) { return about(FieldAllocations, Forbidden), p.Size > largeObject },
		Detail: func(dst []byte, s Subject, _ Finding) []byte {
			dst = append(dst, "the object has "...)
			dst = strconv.AppendInt(dst, int64(s.Pool.Size)>>10, 10)
			return append(dst, " KiB, and etcd refuses it from 1536 KiB on"...)
		},
	}
}
