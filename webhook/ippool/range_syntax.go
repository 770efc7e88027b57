package ippool

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// syntaxError says what a text must be to be a range, and the correction if there is only one.
func syntaxError(s string) error {
	trimmed := strings.TrimSpace(s)
	address, bits, hasBits := strings.Cut(trimmed, "/")
	addr, err := netip.ParseAddr(address)
	switch {
	case trimmed != s:
		return fmt.Errorf("must not have leading or trailing white space%s", correction(trimmed))
	case err != nil:
		return addressError(address, bits)
	case addr.Zone() != "":
		return fmt.Errorf("must not have an IPv6 zone%s", network(addr.WithZone("").String()+"/"+bits))
	case !hasBits || bits == "":
		return errors.New("must have a prefix length after the address, such as 10.0.0.0/24 or 2001:db8::/64")
	default:
		return prefixLengthError(addr, bits)
	}
}

// addressError says what the address of a range must be.
func addressError(address, bits string) error {
	first, last, isList := strings.Cut(address, "-")
	if _, err := netip.ParseAddr(strings.TrimSpace(first)); isList && err == nil {
		if _, err := netip.ParseAddr(strings.TrimSpace(last)); err == nil {
			return errors.New(CIDR + ", not a first and a last address")
		}
	}
	octets := strings.Split(address, ".")
	for i, octet := range octets {
		last := max(len(octet)-1, 0)
		octets[i] = strings.TrimLeft(octet[:last], "0") + octet[last:]
	}
	if decimal := strings.Join(octets, "."); len(octets) == 4 && decimal != address && net.ParseIP(decimal) != nil {
		return fmt.Errorf("must not have a leading zero in an octet%s", network(decimal+"/"+bits))
	}
	return errors.New(CIDR)
}

// prefixLengthError says what the text after the slash must be.
func prefixLengthError(address netip.Addr, bits string) error {
	if mask, err := netip.ParseAddr(bits); err == nil && mask.Is4() && address.Is4() {
		ones, length := net.IPMask(mask.AsSlice()).Size()
		if length == 0 {
			return errors.New(CIDR + ", not an address and a mask")
		}
		return fmt.Errorf("must have a prefix length, not a mask%s", network(address.String()+"/"+strconv.Itoa(ones)))
	}
	if r, ok := EvidentRange(address.String() + "/" + bits); ok {
		return fmt.Errorf("must not have leading zeros in the prefix length%s", correction(r.String()))
	}
	return fmt.Errorf("must have a prefix length from 0 to %d after the slash", address.BitLen())
}

// mappedError says which IPv4 range an IPv4-mapped IPv6 range stands for, unless it contains other addresses too.
func mappedError(p netip.Prefix) error {
	const must = "must not be an IPv4-mapped IPv6 range"
	bits := p.Bits() - 96
	if bits < 0 {
		return errors.New(must)
	}
	return fmt.Errorf("%s%s", must, network(netip.PrefixFrom(p.Addr().Unmap(), bits).String()))
}

// network ends an error with the network of a range, if the range is valid.
func network(s string) string {
	prefix, err := netip.ParsePrefix(s)
	if err != nil {
		return ""
	}
	return correction(prefix.Masked().String())
}

// correction ends an error with the corrected range, if that is valid.
func correction(s string) string {
	if _, err := ParseRange(s); err != nil {
		return ""
	}
	return "; write " + s
}
