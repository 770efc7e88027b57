package oracle

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
)

// network is the part of the configuration of a network that Whereabouts reads, as users write it.
type network struct {
	Type              string        `json:"type"`
	Range             string        `json:"range,omitempty"`
	RangeStart        string        `json:"range_start,omitempty"`
	RangeEnd          string        `json:"range_end,omitempty"`
	Exclude           []string      `json:"exclude,omitempty"`
	IPRanges          []networkPart `json:"ipRanges,omitempty"`
	NetworkName       string        `json:"network_name,omitempty"`
	NodeSliceSize     string        `json:"node_slice_size,omitempty"`
	OverlappingRanges bool          `json:"enable_overlapping_ranges"`
}

// networkPart is one of several ranges.
type networkPart struct {
	Range   string   `json:"range"`
	Exclude []string `json:"exclude,omitempty"`
}

// newNetwork returns a network of one or two ranges of any size, in any notation that Whereabouts accepts.
func newNetwork(r *rand.Rand) network {
	n := network{Type: "whereabouts", OverlappingRanges: oneIn(r, 2), NetworkName: pick(r, "", "", "blue", "net.1")}
	p := newPrefix(r)
	if p.Addr().Is4() && p.Bits() <= 28 && oneIn(r, 6) {
		n.Range, n.NodeSliceSize = p.String(), sliceSize(r, p)
		return n
	}
	n.Range, n.Exclude = notation(r, p), excluded(r, p)
	switch r.IntN(4) {
	case 0:
		n.RangeStart, n.RangeEnd = nearby(r, p).String(), addressAt(p, offsetUpTo(r, lastOffset(p))).String()
	case 1:
		n.Range = nearby(r, p).String() + "-" + hostBits(r, p)
	}
	if oneIn(r, 4) {
		q := newPrefix(r)
		n.IPRanges = append(n.IPRanges, networkPart{Range: notation(r, q), Exclude: excluded(r, q)})
	}
	return n
}

// sliceSize returns the prefix length of the part of p that each node gets.
func sliceSize(r *rand.Rand, p netip.Prefix) string {
	return pick(r, "", "/") + strconv.Itoa(min(p.Bits()+1+r.IntN(6), 30))
}

// notation returns a notation of p in the configuration of Whereabouts.
func notation(r *rand.Rand, p netip.Prefix) string {
	switch is4 := p.Addr().Is4(); r.IntN(6) {
	case 0, 1:
		return hostBits(r, p)
	case 2:
		if is4 {
			return fmt.Sprintf("::ffff:%s/%d", p.Addr(), 96+p.Bits())
		}
		return strings.ToUpper(p.String())
	case 3:
		if is4 {
			return "0" + p.String()
		}
		return fmt.Sprintf("%s/%d", p.Addr().StringExpanded(), p.Bits())
	default:
		return p.String()
	}
}

// nearby returns an address of p that is so near to the first address that Whereabouts can record it.
// TestWhereaboutsLosesAddressesFarFromTheFirst and TestWhereaboutsIsWarnedFarFromTheFirst test other addresses.
func nearby(r *rand.Rand, p netip.Prefix) netip.Addr {
	return addressAt(p, offsetUpTo(r, min(lastOffset(p), 1<<62)))
}

// excluded returns parts of p, near its first address, that Whereabouts must not assign.
func excluded(r *rand.Rand, p netip.Prefix) (parts []string) {
	for p.Bits() > 0 && oneIn(r, 3) {
		address := addressAt(p, offsetUpTo(r, min(lastOffset(p), 64)))
		part := netip.PrefixFrom(address, address.BitLen()-r.IntN(8))
		parts = append(parts, pick(r, part.String(), part.Masked().String(), address.String()))
	}
	return parts
}

// config returns the configuration for the plugin.
func (n network) config() ([]byte, error) {
	return json.Marshal(map[string]any{"cniVersion": "1.0.0", "name": "net", "type": "macvlan", "ipam": n})
}
