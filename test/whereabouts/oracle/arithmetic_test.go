package oracle

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/iphelpers"

	"ippool-webhook/webhook/admission"
)

// TestOffsetsOfNetworksAreExact compares the arithmetic of Whereabouts with integer arithmetic. The rules assume that both
// agree, up to the largest offset that Whereabouts can represent.
func TestOffsetsOfNetworksAreExact(t *testing.T) {
	met := forSeeds(t, pools, func(_ *webhook, r *rand.Rand, met counts) error {
		p := newPrefix(r)
		offset := offsetUpTo(r, lastOffset(p))
		address := addressAt(p, offset)
		first, want := net.IP(p.Addr().AsSlice()), net.IP(address.AsSlice())
		got, err := iphelpers.IPGetOffset(want, first)
		if err != nil {
			return err
		}
		if got != offset {
			return fmt.Errorf("IPGetOffset from %s to %s is %d, want %d", first, address, got, offset)
		}
		if got := iphelpers.IPAddOffset(first, offset); !got.Equal(want) && !lastOfIPv4(p, offset) {
			return fmt.Errorf("IPAddOffset of %s and %d is %s, want %s", first, offset, got, address)
		}
		met[fmt.Sprintf("IPv6 %t", p.Addr().Is6())]++
		if offset > 1<<32 {
			met["past uint32"]++
		}
		return nil
	})
	met.require(t, "IPv6 true", pools/4)
	met.require(t, "IPv6 false", pools/4)
	met.require(t, "past uint32", pools/20)
}

// lastOfIPv4 reports whether an offset is 2^32-1. Whereabouts rejects it, although it denotes an IPv4 address.
func lastOfIPv4(p netip.Prefix, offset uint64) bool { return p.Addr().Is4() && offset == 1<<32-1 }

// TestWhereaboutsArithmetic lists allocations that Whereabouts reads or writes back differently. Each of them is denied.
func TestWhereaboutsArithmetic(t *testing.T) {
	const unread, cannotWrite = "", "cannot write"
	for _, test := range []struct {
		name, ipRange, key string
		address            string   // address that Whereabouts reads
		keys               []string // key that Whereabouts writes back
		want               []string
	}{
		{"host bits: subtraction with a borrow is wrong", "10.0.0.200/16", "61", "10.0.1.5", []string{"51"}, []string{"Deny range-host-bits", "Warn name-mismatch"}},
		{"host bits in IPv6", "fd00::c8/64", "61", "fd00::105", []string{"51"}, []string{"Deny range-host-bits", "Warn name-mismatch"}},
		{"host bits: past the network", "10.0.0.5/24", "252", "10.0.1.1", []string{"250"}, []string{"Deny offset-out-of-range", "Deny range-host-bits", "Warn name-mismatch"}},
		{"past the network", "10.0.0.0/24", "256", "10.0.1.0", []string{"256"}, []string{"Deny offset-out-of-range"}},
		{"past the network, subtraction with a borrow", "10.0.0.128/25", "400", "10.0.2.16", []string{"368"}, []string{"Deny offset-out-of-range"}},
		{"past the last address of IPv4", "255.255.255.0/24", "256", "::1:0:0:0", []string{cannotWrite}, []string{"Deny offset-out-of-range"}},
		{"past the last address of IPv6", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff00/120", "256", "::", []string{"18446744073709551360"}, []string{"Deny offset-out-of-range"}},
		{"the last address of IPv4", "0.0.0.0/0", "4294967295", "<nil>", []string{cannotWrite}, []string{"Deny offset-out-of-range"}},
		{"negative in IPv4", "10.0.0.0/24", "-1", "<nil>", []string{cannotWrite}, []string{"Deny offset-syntax"}},
		{"negative in IPv6", "fd00::/64", "-1", "fd00::ffff:ffff:ffff:ffff", []string{"18446744073709551615"}, []string{"Deny offset-syntax"}},
		{"an IPv4-mapped address", "::/64", "281470681743361", "0.0.0.1", []string{cannotWrite}, []string{"Deny offset-out-of-range"}},
		{"past int64", "fd00::/64", "9223372036854775808", unread, nil, []string{"Deny offset-out-of-range"}},
		{"leading zero", "10.0.0.0/24", "05", "10.0.0.5", []string{"5"}, []string{"Deny offset-syntax"}},
		{"not a number", "10.0.0.0/24", "1e3", unread, nil, []string{"Deny offset-syntax"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			pool := newPoolOf(test.ipRange, allocations{test.key: web(1)})
			read, err := addresses(pool)
			if err != nil {
				t.Fatal(err)
			}
			address := unread
			if ip, ok := read[test.key]; ok {
				address = ip.String()
			}
			keys := []string{cannotWrite}
			if after, err := rewritten(pool); err == nil {
				keys = slices.Collect(maps.Keys(after.Spec.Allocations))
			}
			if address != test.address || !slices.Equal(keys, test.keys) {
				t.Errorf("Whereabouts reads %q and writes back %q, want %q and %q", address, keys, test.address, test.keys)
			}
			answer, err := newWebhook(t).validate(write{mode: admission.Enforce, object: pool})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(answer.findings, test.want) {
				t.Errorf("the webhook finds %s, want %s", strings.Join(answer.findings, ", "), strings.Join(test.want, ", "))
			}
		})
	}
}
