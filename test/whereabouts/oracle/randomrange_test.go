package oracle

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"net/netip"
	"strings"
)

// newPrefix returns a network of any size, in most cases one of the sizes at which arithmetic can be wrong.
func newPrefix(r *rand.Rand) netip.Prefix {
	address := newAddr(r)
	size := r.IntN(address.BitLen() + 1)
	if oneIn(r, 2) {
		size = address.BitLen() - pick(r, 0, 1, 2, 3, 4, 7, 8, 9, 16, 24, 31, 32)
	}
	if address.Is6() && oneIn(r, 3) {
		size = pick(r, 0, 32, 48, 56, 62, 63, 64, 65, 66, 80, 95, 96, 97)
	}
	return netip.PrefixFrom(address, size).Masked()
}

// newAddr returns any address, often one whose bytes are at their limits.
func newAddr(r *rand.Rand) netip.Addr {
	var b [16]byte
	limits := oneIn(r, 4)
	for i := range b {
		b[i] = byte(r.Uint32())
		if limits {
			b[i] = pick[byte](r, 0x00, 0xff, b[i])
		}
	}
	if oneIn(r, 2) {
		return netip.AddrFrom4([4]byte(b[:4]))
	}
	return netip.AddrFrom16(b)
}

// lastOffset returns the distance of the last address of a network from its first, or math.MaxUint64 if it is larger.
func lastOffset(p netip.Prefix) uint64 {
	hostBits := p.Addr().BitLen() - p.Bits()
	if hostBits == 0 {
		return 0
	}
	return ^uint64(0) >> (64 - min(hostBits, 64))
}

// addressAt returns the address at an offset, by arithmetic on integers.
func addressAt(p netip.Prefix, offset uint64) netip.Addr {
	b := p.Addr().As16()
	low, carry := bits.Add64(binary.BigEndian.Uint64(b[8:]), offset, 0)
	binary.BigEndian.PutUint64(b[8:], low)
	binary.BigEndian.PutUint64(b[:8], binary.BigEndian.Uint64(b[:8])+carry)
	if p.Addr().Is4() {
		return netip.AddrFrom16(b).Unmap()
	}
	return netip.AddrFrom16(b)
}

// offsetUpTo returns a number of any size from 0 to last.
func offsetUpTo(r *rand.Rand, last uint64) uint64 {
	last >>= r.IntN(64) / pick(r, 1, 2, 4)
	if last == ^uint64(0) {
		return r.Uint64()
	}
	return r.Uint64N(last + 1)
}

// hostBits returns p with a random address of p instead of the network address.
func hostBits(r *rand.Rand, p netip.Prefix) string {
	return netip.PrefixFrom(addressAt(p, offsetUpTo(r, lastOffset(p))), p.Bits()).String()
}

// malformed returns a text that is similar to the range p, or not a range at all.
func malformed(r *rand.Rand, p netip.Prefix) string {
	address, size := p.Addr(), p.Bits()
	switch r.IntN(10) {
	case 0:
		return hostBits(r, p)
	case 1:
		return strings.ToUpper(p.String())
	case 2:
		return fmt.Sprintf("%s/%d", address.StringExpanded(), size)
	case 3:
		return fmt.Sprintf("%s/0%d", address, size)
	case 4:
		return pick(r, " ", "\t") + p.String()
	case 5:
		return p.String() + pick(r, " ", "\n", "/", "0")
	case 6:
		return fmt.Sprintf("::ffff:%s/%d", netip.AddrFrom4([4]byte(address.AsSlice()[:4])), 96+size%33)
	case 7:
		return fmt.Sprintf("%s/%d", address, address.BitLen()+1)
	case 8:
		return fmt.Sprintf("0%s/%d", address, size)
	default:
		return pick(r, "", "/", "::", "10.0.0.0", "10.0.0/24", "10.0.0.0/-1", "fe80::%eth0/64", "default", address.String())
	}
}
