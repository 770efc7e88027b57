package ippool_test

import (
	"math"
	"math/big"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ippool-webhook/webhook/ippool"
)

func TestParseRangeErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "must be a CIDR, such as 10.0.0.0/24 or 2001:db8::/64"},
		{"no slash", "10.0.0.0", "must have a prefix length after the address, such as 10.0.0.0/24 or 2001:db8::/64"},
		{"nothing after the slash", "10.0.0.0/", "must have a prefix length after the address, such as 10.0.0.0/24 or 2001:db8::/64"},
		{"past 32", "10.0.0.0/33", "must have a prefix length from 0 to 32 after the slash"},
		{"past 128", "2001:db8::/129", "must have a prefix length from 0 to 128 after the slash"},
		{"negative", "10.0.0.0/-1", "must have a prefix length from 0 to 32 after the slash"},
		{"plus sign", "10.0.0.0/+24", "must have a prefix length from 0 to 32 after the slash"},
		{"netmask", "10.0.0.0/255.255.255.0", "must have a prefix length, not a mask; write 10.0.0.0/24"},
		{"two slashes", "10.0.0.0/24/24", "must have a prefix length from 0 to 32 after the slash"},
		{"long prefix length", "10.0.0.0/12345678901234567890", "must have a prefix length from 0 to 32 after the slash"},
		{"nothing before the slash", "/24", "must be a CIDR, such as 10.0.0.0/24 or 2001:db8::/64"},
		{"three octets", "10.0.0/24", "must be a CIDR, such as 10.0.0.0/24 or 2001:db8::/64"},
		{"octet past 255", "10.0.0.256/24", "must be a CIDR, such as 10.0.0.0/24 or 2001:db8::/64"},
		{"leading zero in an octet", "10.0.00.0/24", "must not have a leading zero in an octet; write 10.0.0.0/24"},
		{"first to last address", "10.0.0.1-10.0.0.9/24", "must be a CIDR, such as 10.0.0.0/24 or 2001:db8::/64, not a first and a last address"},
		{"inner space", "10.0.0.0 /24", "must be a CIDR, such as 10.0.0.0/24 or 2001:db8::/64"},
		{"zone", "fe80::%eth0/64", "must not have an IPv6 zone; write fe80::/64"},
		{"leading space", " 10.0.0.0/24", "must not have leading or trailing white space; write 10.0.0.0/24"},
		{"trailing newline", "10.0.0.0/24\n", "must not have leading or trailing white space; write 10.0.0.0/24"},
		{"no-break space", "10.0.0.0/24\u00a0", "must not have leading or trailing white space; write 10.0.0.0/24"},
		{"IPv4-mapped", "::ffff:10.0.0.0/120", "must not be an IPv4-mapped IPv6 range; write 10.0.0.0/24"},
		{"IPv4-mapped with host bits", "::ffff:10.0.0.5/120", "must not be an IPv4-mapped IPv6 range; write 10.0.0.0/24"},
		{"IPv4-mapped, one address", "::ffff:a00:5/128", "must not be an IPv4-mapped IPv6 range; write 10.0.0.5/32"},
		{"IPv4-mapped and more", "::ffff:10.0.0.0/24", "must not be an IPv4-mapped IPv6 range"},
		{"leading zero in the prefix length", "10.0.0.0/08", "must not have leading zeros in the prefix length; write 10.0.0.0/8"},
		{"longer than any range", "10.0.0.0/" + strings.Repeat("0", 120) + "24", "must be a CIDR, such as 10.0.0.0/24 or 2001:db8::/64, of at most 128 bytes"},
		{"mask of IPv4 for IPv6", "2001:db8::/255.0.0.0", "must have a prefix length from 0 to 128 after the slash"},
		{"mask with host bits", "10.0.0.5/255.255.255.0", "must have a prefix length, not a mask; write 10.0.0.0/24"},
		{"mask with a gap", "10.0.0.0/255.0.255.0", "must be a CIDR, such as 10.0.0.0/24 or 2001:db8::/64, not an address and a mask"},
		{"zone without prefix length", "fe80::1%eth0", "must not have an IPv6 zone"},
		{"white space around a word", " my-range ", "must not have leading or trailing white space"},
		{"IPv4-mapped, all of IPv4", "::ffff:0.0.0.0/96", "must not be an IPv4-mapped IPv6 range; write 0.0.0.0/0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := ippool.ParseRange(test.text)
			if err == nil {
				t.Fatalf("parses as %v", r)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if r.IsValid() {
				t.Errorf("%v is valid beside an error", r)
			}
		})
	}
}

func TestParseRange(t *testing.T) {
	type view struct {
		Text, Masked string
		HostBits     bool
	}
	for _, test := range []struct {
		text string
		want view
	}{
		{"10.0.0.0/24", view{"10.0.0.0/24", "10.0.0.0/24", false}},
		{"10.0.0.5/24", view{"10.0.0.5/24", "10.0.0.0/24", true}},
		{"10.0.0.5/32", view{"10.0.0.5/32", "10.0.0.5/32", false}},
		{"10.0.0.1/31", view{"10.0.0.1/31", "10.0.0.0/31", true}},
		{"0.0.0.0/0", view{"0.0.0.0/0", "0.0.0.0/0", false}},
		{"0.0.0.1/0", view{"0.0.0.1/0", "0.0.0.0/0", true}},
		{"2001:db8::/64", view{"2001:db8::/64", "2001:db8::/64", false}},
		{"2001:DB8:0::/64", view{"2001:db8::/64", "2001:db8::/64", false}},
		{"2001:0db8:0:0:0:0:0:1/64", view{"2001:db8::1/64", "2001:db8::/64", true}},
		{"2001:db8:0:1::/48", view{"2001:db8:0:1::/48", "2001:db8::/48", true}},
		{"2001:db8::1/128", view{"2001:db8::1/128", "2001:db8::1/128", false}},
		{"::10.0.0.0/120", view{"::a00:0/120", "::a00:0/120", false}},
		{"::/0", view{"::/0", "::/0", false}},
	} {
		t.Run(test.text, func(t *testing.T) {
			r := parseRange(t, test.text)
			if !r.IsValid() {
				t.Error("not valid")
			}
			masked := r.Masked()
			if masked.HostBits() {
				t.Errorf("%v has host bits, though masked", masked)
			}
			if diff := cmp.Diff(test.want, view{r.String(), masked.String(), r.HostBits()}); diff != "" {
				t.Errorf("range (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRangesOfDifferentTextsAreEqual(t *testing.T) {
	if a, b := parseRange(t, "2001:DB8:0::/64"), parseRange(t, "2001:db8::/64"); a != b {
		t.Errorf("%v and %v differ", a, b)
	}
	if a, b := parseRange(t, "10.0.0.5/24"), parseRange(t, "10.0.0.0/24"); a == b {
		t.Error("host bits make no difference")
	}
	if a, b := parseRange(t, "10.0.0.0/24"), parseRange(t, "10.0.0.0/25"); a == b {
		t.Error("the prefix length makes no difference")
	}
	if (ippool.Range{}).IsValid() {
		t.Error("the zero Range is valid")
	}
}

func TestOffsetLimit(t *testing.T) {
	const pastInt64 = math.MaxInt64 + 1
	for _, test := range []struct {
		text string
		want uint64
	}{
		{"0.0.0.0/0", math.MaxUint32},
		{"128.0.0.0/1", 1 << 31},
		{"10.0.0.0/8", 1 << 24},
		{"10.0.0.0/24", 256},
		{"10.0.0.0/30", 4},
		{"10.0.0.0/31", 2},
		{"10.0.0.0/32", 1},
		{"255.255.255.255/32", 1},
		{"0.0.0.1/0", math.MaxUint32},
		{"0.0.0.2/0", math.MaxUint32 - 1},
		{"255.255.255.255/0", 1},
		{"10.1.0.0/8", 1<<24 - 1<<16},
		{"10.0.0.5/24", 251},
		{"10.0.0.255/24", 1},
		{"10.0.0.1/31", 1},

		{"::/0", pastInt64},
		{"2001:db8::/63", pastInt64},
		{"2001:db8::/64", pastInt64},
		{"2001:db8::/65", 1 << 63},
		{"2001:db8::/66", 1 << 62},
		{"2001:db8::/96", 1 << 32},
		{"2001:db8::/120", 256},
		{"2001:db8::/127", 2},
		{"2001:db8::/128", 1},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", 1},
		{"2001:db8::5/120", 251},
		{"2001:db8::1/65", 1<<63 - 1},
		{"2001:db8::1/64", pastInt64},
		{"2001:db8:0:0:8000::/64", pastInt64},
		{"2001:db8::8000:0:0:1/64", 1<<63 - 1},
		{"2001:db8::ffff:ffff:ffff:fff0/64", 16},
		// Host bits in the high half: only on its last value does the low half run to the end of the network.
		{"2001:db8:0:1::/63", pastInt64},
		{"2001:db8:0:1:ffff:ffff:ffff:fffe/63", 2},
		{"2001:db8::ffff:ffff:ffff:fffe/63", pastInt64},
		{"2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/32", 1},
		{"2001:db8:ffff:fffe:ffff:ffff:ffff:ffff/32", pastInt64},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffd/0", 3},
	} {
		t.Run(test.text, func(t *testing.T) {
			if got := parseRange(t, test.text).OffsetLimit(); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestMappedOffsets(t *testing.T) {
	type mapped struct {
		First, Last uint64
		Any         bool
	}
	for _, test := range []struct {
		text string
		want mapped
	}{
		{"::/64", mapped{0xffff00000000, 0xffffffffffff, true}},
		{"::/0", mapped{0xffff00000000, 0xffffffffffff, true}},
		{"::fffe:0:0/79", mapped{0x100000000, 0x1ffffffff, true}},
		{"::5/64", mapped{0xfffefffffffb, 0xfffffffffffa, true}},
		{"::1:0:0:0/80", mapped{}},
		{"fd00::/64", mapped{}},
		{"10.0.0.0/8", mapped{}},
	} {
		t.Run(test.text, func(t *testing.T) {
			var got mapped
			got.First, got.Last, got.Any = parseRange(t, test.text).MappedOffsets()
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("mapped offsets (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOffsetOf(t *testing.T) {
	for _, test := range []struct {
		in, address string
		want        uint64
		exists      bool
	}{
		{"10.0.0.0/24", "10.0.0.0", 0, true},
		{"10.0.0.0/24", "10.0.0.5", 5, true},
		{"10.0.0.0/24", "10.0.1.0", 0, false},
		{"10.0.0.0/24", "2001:db8::5", 0, false},
		{"10.0.0.0/24", "::ffff:10.0.0.5", 0, false},
		{"10.0.0.5/24", "10.0.0.7", 2, true},
		{"10.0.0.5/24", "10.0.0.4", 0, false},
		{"0.0.0.0/0", "255.255.255.254", 1<<32 - 2, true},
		{"0.0.0.0/0", "255.255.255.255", 0, false},
		{"2001:db8::/32", "2001:db8::ffff", 0xffff, true},
		{"2001:db8::/32", "2001:db8:0:1::", 0, false},
		{"2001:db8::/64", "2001:db8::8000:0:0:0", 0, false},
	} {
		t.Run(test.address+" in "+test.in, func(t *testing.T) {
			got, exists := parseRange(t, test.in).OffsetOf(netip.MustParseAddr(test.address))
			if exists != test.exists || exists && got != test.want {
				t.Errorf("got %d, %v, want %d, %v", got, exists, test.want, test.exists)
			}
		})
	}
}

func TestReserved(t *testing.T) {
	type reserved struct {
		First, Last uint64
		Any         bool
	}
	for _, test := range []struct {
		text string
		want reserved
	}{
		{"10.0.0.0/24", reserved{0, 255, true}},
		{"10.0.0.0/30", reserved{0, 3, true}},
		{"10.0.0.0/31", reserved{}},
		{"10.0.0.0/32", reserved{}},
		{"0.0.0.0/0", reserved{0, 1<<32 - 1, true}},
		{"10.0.0.5/24", reserved{250, 250, true}},
		{"10.0.0.3/30", reserved{0, 0, true}},
		{"2001:db8::/65", reserved{0, math.MaxInt64, true}},
		{"2001:db8::/126", reserved{0, 3, true}},
		{"2001:db8::/127", reserved{}},
		{"2001:db8::/128", reserved{}},
		{"2001:db8::1/120", reserved{254, 254, true}},
	} {
		t.Run(test.text, func(t *testing.T) {
			var got reserved
			got.First, got.Last, got.Any = parseRange(t, test.text).Reserved()
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("reserved (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("a last address past int64 is no offset", func(t *testing.T) {
		if _, last, _ := parseRange(t, "2001:db8::/64").Reserved(); last <= math.MaxInt64 {
			t.Errorf("offset %d is the last address", last)
		}
	})
}

// FuzzParseRange holds ParseRange against net.ParseCIDR and net/netip, and the arithmetic against math/big.
func FuzzParseRange(f *testing.F) {
	for _, seed := range []string{
		"10.0.0.0/24", "10.0.0.5/24", "0.0.0.0/0", "255.255.255.255/0", "10.0.0.1/31", "10.0.0.0/08", "10.0.0.0/33", " 10.0.0.0/24", "10.0.0.0",
		"2001:db8::/64", "2001:DB8:0::1/63", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffd/0", "::/128", "fe80::%eth0/64", "::ffff:10.0.0.0/120", "::ffff:0:0/0",
		"2001:db8:0:1:ffff:ffff:ffff:fffe/63", "::1.2.3.4/65", "", "/", "//",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ippool.ParseRange(text)
		if (err == nil) != r.IsValid() {
			t.Fatalf("valid is %v beside error %v", r.IsValid(), err)
		}
		prefix, prefixErr := netip.ParsePrefix(text)
		if wantValid := prefixErr == nil && !prefix.Addr().Is4In6(); wantValid != r.IsValid() {
			t.Fatalf("error %v, net/netip has %v", err, prefixErr)
		}
		compareWithCIDR(t, text, r)
		if !r.IsValid() {
			return
		}
		if again := parseRange(t, r.String()); again != r {
			t.Errorf("the text of %v denotes another range, %v", r, again)
		}
		if want := offsetLimitOf(prefix); want.Cmp(new(big.Int).SetUint64(r.OffsetLimit())) != 0 {
			t.Errorf("OffsetLimit %d, want %d", r.OffsetLimit(), want)
		}
	})
}

// compareWithCIDR holds r against net.ParseCIDR, with which Whereabouts reads ranges: they differ where the prefix length
// has a leading zero, which only net.ParseCIDR takes, and where the range is IPv4-mapped.
func compareWithCIDR(t *testing.T, text string, r ippool.Range) {
	t.Helper()
	address, network, err := net.ParseCIDR(text)
	switch {
	case err != nil && r.IsValid():
		t.Errorf("net.ParseCIDR rejects what ParseRange accepts: %v", err)
	case err == nil && !r.IsValid():
		if !regexp.MustCompile(`/0\d+$`).MatchString(text) && !netip.MustParsePrefix(text).Addr().Is4In6() {
			t.Error("net.ParseCIDR accepts what ParseRange rejects")
		}
	case err == nil:
		if got := r.Masked().String(); got != network.String() {
			t.Errorf("the network is %s, net has %s", got, network)
		}
		if got := !address.Equal(network.IP); got != r.HostBits() {
			t.Errorf("host bits are %v, net has %v", r.HostBits(), got)
		}
	}
}

// offsetLimitOf counts the addresses of a prefix from the written one on, up to what Whereabouts reads.
func offsetLimitOf(prefix netip.Prefix) *big.Int {
	address := new(big.Int).SetBytes(prefix.Addr().AsSlice())
	end := new(big.Int).SetBytes(prefix.Masked().Addr().AsSlice())
	end.Add(end, new(big.Int).Lsh(big.NewInt(1), uint(prefix.Addr().BitLen()-prefix.Bits())))
	limit := new(big.Int).SetUint64(math.MaxInt64 + 1)
	if prefix.Addr().Is4() {
		limit.SetUint64(math.MaxUint32)
	}
	if count := end.Sub(end, address); count.Cmp(limit) < 0 {
		return count
	}
	return limit
}

func parseRange(t *testing.T, text string) ippool.Range {
	t.Helper()
	r, err := ippool.ParseRange(text)
	if err != nil {
		t.Fatalf("%q %v", text, err)
	}
	return r
}
