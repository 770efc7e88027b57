// Package ippool has the values of a Whereabouts IPPool (whereabouts.cni.cncf.io/v1alpha1) and their arithmetic. It imports only the
// standard library.
//
// A [Pool] has a [Range] and allocations. The key of an [Allocation] is an [Offset] from the address in the range; its podref
// names the pod that has the address. An [IndexedPool] finds allocations that are the same in some respect ([Identity]), and a
// [Change] compares the pools before and after an update. Rules about pools are in the package rules.
package ippool

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"net"
	"net/netip"
	"strings"
)

// Range is spec.range of a pool: the addresses that its allocation keys count through. The zero Range is not valid.
type Range struct {
	address netip.Addr
	prefix  netip.Prefix
}

// MaxRange is the length of the longest text that is read as a range, in bytes. No valid range is as long.
const MaxRange = 128

// CIDR says what a range must be. It begins most errors of ParseRange.
const CIDR = "must be a CIDR, such as 10.0.0.0/24 or 2001:db8::/64"

// ParseRange reads a range in CIDR notation (RFC 4632 section 3.1, RFC 4291 section 2.3). Whereabouts reads it with
// net.ParseCIDR, which also accepts leading zeros in the prefix length and IPv4-mapped IPv6 ranges. The two address families
// count the offsets of an IPv4-mapped range differently. The error says what the range must be, and the correction if there is
// only one.
func ParseRange(s string) (Range, error) {
	if len(s) > MaxRange {
		return Range{}, fmt.Errorf("%s, of at most %d bytes", CIDR, MaxRange)
	}
	prefix, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return Range{}, syntaxError(s)
	case prefix.Addr().Is4In6():
		return Range{}, mappedError(prefix)
	default:
		return Range{address: prefix.Addr(), prefix: prefix.Masked()}, nil
	}
}

// EvidentRange returns the range that a text unambiguously denotes although ParseRange rejects it: the range that net.ParseCIDR
// reads, as Whereabouts does, without white space around the text, and as IPv4 if it is IPv4-mapped. It returns false if there
// is no such range.
func EvidentRange(s string) (Range, bool) {
	address, bits, _ := strings.Cut(strings.TrimSpace(s), "/")
	bits = strings.TrimLeft(bits[:max(len(bits)-1, 0)], "0") + bits[max(len(bits)-1, 0):] // however many there are
	if len(address)+len(bits) > MaxRange {
		return Range{}, false
	}
	ip, network, err := net.ParseCIDR(address + "/" + bits)
	if err != nil {
		return Range{}, false
	}
	addr, _ := netip.AddrFromSlice(ip)
	addr = addr.Unmap()
	ones, length := network.Mask.Size()
	prefix := netip.PrefixFrom(addr, ones-(length-addr.BitLen()))
	return Range{address: addr, prefix: prefix.Masked()}, prefix.IsValid()
}

// IsValid reports whether r came from ParseRange without an error.
func (r Range) IsValid() bool { return r.prefix.IsValid() }

// HostLength returns how many bits of an address of r are not in its prefix.
func (r Range) HostLength() int { return r.address.BitLen() - r.prefix.Bits() }

// HostBits reports whether the address of r is not the network address. Whereabouts counts offsets from the address as
// it is written, so such a range reaches past the end of its network.
func (r Range) HostBits() bool { return r.address != r.prefix.Addr() }

// Masked returns r with its host bits cleared.
func (r Range) Masked() Range { return Range{address: r.prefix.Addr(), prefix: r.prefix} }

// String returns the range in canonical form (RFC 5952 for IPv6), with its host bits.
func (r Range) String() string { return netip.PrefixFrom(r.address, r.prefix.Bits()).String() }

// OffsetLimit returns the first offset that is no address of r, or that Whereabouts cannot turn into one: it reads
// offsets as int64 (toIPReservationList in pkg/storage/kubernetes/ipam.go), and for IPv4 rejects those from
// math.MaxUint32 on (IPAddOffset in pkg/iphelpers/iphelpers.go).
func (r Range) OffsetLimit() uint64 {
	if r.address.Is4() {
		return min(r.addressesFromStart(), math.MaxUint32)
	}
	return min(r.addressesFromStart(), math.MaxInt64+1)
}

// OffsetOf returns the offset of an address of r, and false if the address is not in r or has no offset that Whereabouts can use.
func (r Range) OffsetOf(address netip.Addr) (uint64, bool) {
	if !r.prefix.Contains(address) || address.Less(r.address) {
		return 0, false
	}
	from, to := r.address.As16(), address.As16()
	if !bytes.Equal(from[:8], to[:8]) {
		return 0, false // an offset of 64 bits does not reach the address
	}
	offset := binary.BigEndian.Uint64(to[8:]) - binary.BigEndian.Uint64(from[8:])
	return offset, offset < r.OffsetLimit()
}

// Reserved returns the offsets of the first and the last address of a range of four or more, which Whereabouts never
// hands out (GetIPRange in pkg/iphelpers/iphelpers.go). A smaller range has none; with host bits there is no offset of
// the first address, and last is returned twice.
func (r Range) Reserved() (first, last uint64, exist bool) {
	if r.HostLength() < 2 {
		return 0, 0, false
	}
	last = r.addressesFromStart() - 1
	if r.HostBits() {
		return last, last, true
	}
	return 0, last, true
}

// MappedOffsets returns the first and the last offset of the IPv4-mapped addresses (RFC 4291 section 2.5.5.2) in an IPv6 range,
// and false if they come before it. They may be past OffsetLimit. Whereabouts reads such an address as IPv4 (net.IP.To4), which
// has no offset in an IPv6 range: IPGetOffset in pkg/iphelpers/iphelpers.go fails, and with it every write to the pool.
func (r Range) MappedOffsets() (first, last uint64, exist bool) {
	const mapped, all = 0xffff << 32, 1<<32 - 1
	as16 := r.address.As16()
	high, low := binary.BigEndian.Uint64(as16[:8]), binary.BigEndian.Uint64(as16[8:])
	if !r.address.Is6() || high > 0 || low > mapped {
		return 0, 0, false
	}
	return mapped - low, mapped - low + all, true
}

// addressesFromStart counts the addresses from the written one to the last of the network, or gives math.MaxUint64
// where there are more.
func (r Range) addressesFromStart() uint64 {
	hostBits := r.HostLength()
	as16 := r.address.As16()
	high, low := binary.BigEndian.Uint64(as16[:8]), binary.BigEndian.Uint64(as16[8:])
	if hostBits < 64 {
		size := uint64(1) << hostBits
		return size - low&(size-1)
	}
	if lastHigh := uint64(1)<<(hostBits-64) - 1; high&lastHigh == lastHigh && low > 0 {
		return -low
	}
	return math.MaxUint64
}
