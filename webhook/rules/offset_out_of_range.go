package rules

import (
	"math"
	"strconv"

	"ippool-webhook/webhook/ippool"
)

const (
	offsetLimitDetail = "must be at most "
	offsetLimitReason = ", the last offset that Whereabouts can use"
)

func offsetOutOfRange() Rule {
	return Rule{
		ID: "offset-out-of-range",
		Docs: Docs{
			Summary: "The offset is past the last address of the range, or past the limits of Whereabouts: int64, and 4294967294 " +
				"for IPv4. In an IPv6 range, also the offset of an IPv4-mapped address.",
			Why: "The allocation denotes an address outside of the network. The pod gets this address when it starts again. An " +
				"IPv4 offset past 4294967294 denotes no address, and an IPv4-mapped address belongs to the other address " +
				"family: each later write of Whereabouts to the pool fails, and no pod that needs an address from it starts.",
			Fix: "Remove the allocation, or move it to the pool whose range contains the address.",
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
		// With a corrected range, offsets of the old pool can be found for the first time. They are not new.
		AllocationExisted: func(c *ippool.Change, old int) bool {
			return !c.Old.EffectiveRange.IsValid() ||
				outOfRange(c.Old.Allocations[old].Offset, offsetLimit(c.Old.Pool), mappedOffsets(c.Old.Pool))
		},
		Detail: func(dst []byte, s Subject, f Finding) []byte {
			offset, mapped := s.Pool.Allocations[f.Item].Offset, mappedOffsets(s.Pool.Pool)
			if offset.Readable && mapped.contain(offset.Value) {
				dst = append(dst, "must not be from "...)
				dst = append(strconv.AppendUint(dst, mapped.first, 10), " to "...)
				dst = strconv.AppendUint(dst, mapped.last, 10)
				return append(dst, ", the offsets of IPv4-mapped addresses, which Whereabouts reads as IPv4"...)
			}
			dst = append(dst, offsetLimitDetail...)
			dst = strconv.AppendUint(dst, offsetLimit(s.Pool.Pool)-1, 10)
			dst = append(dst, offsetLimitReason...)
			if s.Pool.EffectiveRange.IsValid() {
				dst = append(dst, " in "...)
				dst = append(dst, s.Pool.EffectiveRange.String()...)
			}
			return dst
		},
		CEL: &CEL{
			Keys: celAdded(celAll("variables.added", "[0-9]{1,18}")+" && !(false in variables.added.map(k, int(k) <= variables.lastOffset))", "k.matches('^[+]?[0-9]+$') && (k.size() > 19 || "+
				"k.size() == 19 && k > '"+strconv.Itoa(math.MaxInt64)+"' || k"+celInteger+" && int(k) > variables.lastOffset || "+
				"k.size() == 19 && k <= '"+strconv.Itoa(math.MaxInt64)+"' && int(k) > variables.lastOffset)"),
			Message: celText("Invalid value: "+offsetLimitDetail) + " + string(variables.lastOffset) + " + celText(offsetLimitReason),
			Missing: "offsets in a range that is malformed or has host bits, and those of IPv4-mapped addresses",
		},
	}
}

func outOfRange(o ippool.Offset, limit uint64, mapped offsets) bool {
	if !o.Readable {
		return o.Canonical // a number over math.MaxInt64
	}
	return o.Value >= limit || mapped.contain(o.Value)
}

// offsetLimit returns the first offset that an allocation of p must not have. Without a valid range, it is the first one past
// int64.
func offsetLimit(p *ippool.Pool) uint64 {
	if !p.EffectiveRange.IsValid() {
		return math.MaxInt64 + 1
	}
	return p.EffectiveRange.OffsetLimit()
}

// offsets are the offsets from first to last, if exist is true.
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
