package rules

import (
	"math"
	"strconv"

	"ippool-webhook/webhook/ippool"
)

func offsetOutOfRange() Rule {
	return Rule{
		ID: "offset-out-of-range",
		Docs: Docs{
			Summary: "an offset at or past the number of addresses in the range, or past what Whereabouts can read: int64, and for " +
				"IPv4 4294967294. In a range of IPv6, the offset of an IPv4-mapped address.",
			Why: "The entry stands for an address outside of the network, which its pod gets when it starts again. An IPv4 " +
				"offset past 4294967294 stands for no address at all, and an IPv4-mapped address for one of the other family: " +
				"from then on every write of Whereabouts to the pool fails, and no pod that needs an address from it starts.",
			Fix: "Remove the entry, or move the allocation to the pool whose range holds its address.",
		},
		Action: Deny,
		Allocations: func(p *ippool.Pool, r *Report) {
			limit, mapped := offsetLimit(p), mappedOffsets(p)
			for i := range p.Allocations {
				if outOfRange(p.Allocations[i].Offset, limit, mapped) {
					r.AddAllocation(FieldOffset, Invalid, i)
				}
			}
		},
		// Offsets that a corrected range brings to light were there before.
		AllocationExisted: func(c *ippool.Change, old int) bool {
			return !c.Old.EffectiveRange.IsValid() ||
				outOfRange(c.Old.Allocations[old].Offset, offsetLimit(c.Old.Pool), mappedOffsets(c.Old.Pool))
		},
		Detail: func(dst []byte, s Subject, f Finding) []byte {
			offset, mapped := s.Pool.Allocations[f.Item].Offset, mappedOffsets(s.Pool.Pool)
			if offset.Readable && mapped.contain(offset.Value) {
				dst = append(dst, "stands for an IPv4-mapped address, which Whereabouts takes for one of IPv4; the offsets from "...)
				dst = append(strconv.AppendUint(dst, mapped.first, 10), " to "...)
				return append(strconv.AppendUint(dst, mapped.last, 10), " cannot be used"...)
			}
			dst = append(dst, "is past "...)
			dst = strconv.AppendUint(dst, offsetLimit(s.Pool.Pool)-1, 10)
			dst = append(dst, ", the last offset "...)
			if s.Pool.EffectiveRange.IsValid() {
				dst = append(dst, "of "...)
				dst = append(dst, s.Pool.EffectiveRange.String()...)
				dst = append(dst, ' ')
			}
			return append(dst, "that Whereabouts can use"...)
		},
	}
}

func outOfRange(o ippool.Offset, limit uint64, mapped offsets) bool {
	if !o.Readable {
		return o.Canonical // digits, but more than an int64 holds
	}
	return o.Value >= limit || mapped.contain(o.Value)
}

// offsetLimit returns the first offset that no allocation of p can have, whatever its range where nobody can tell that.
func offsetLimit(p *ippool.Pool) uint64 {
	if !p.EffectiveRange.IsValid() {
		return math.MaxInt64 + 1
	}
	return p.EffectiveRange.OffsetLimit()
}

// offsets are those from first to last, or none.
type offsets struct {
	first, last uint64
	exist       bool
}

func (o offsets) contain(offset uint64) bool {
	return o.exist && o.first <= offset && offset <= o.last
}

// mappedOffsets returns the offsets of the IPv4-mapped addresses in the range of p.
func mappedOffsets(p *ippool.Pool) (o offsets) {
	if p.EffectiveRange.IsValid() {
		o.first, o.last, o.exist = p.EffectiveRange.MappedOffsets()
	}
	return o
}
