package ippool_test

import "testing"

func TestNameSuffix(t *testing.T) {
	for text, want := range map[string]string{
		"10.0.0.0/24":     "10.0.0.0-24",
		"10.0.0.5/24":     "10.0.0.0-24",
		"2001:db8::/64":   "2001-db8---64",
		"2001:DB8:0::/64": "2001-db8---64",
		"2001:db8::1/128": "2001-db8--1-128",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128": "ffff-ffff-ffff-ffff-ffff-ffff-ffff-ffff-128",
	} {
		t.Run(text, func(t *testing.T) {
			if got := parseRange(t, text).NameSuffix(); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestNames(t *testing.T) {
	for _, test := range []struct {
		name, text, poolName string
		want                 bool
	}{
		{"range alone", "10.0.0.0/24", "10.0.0.0-24", true},
		{"network", "10.0.0.0/24", "storage-10.0.0.0-24", true},
		{"node", "10.0.0.64/26", "worker-1-10.0.0.64-26", true},
		{"network and node", "10.0.0.64/26", "storage-worker-1-10.0.0.64-26", true},
		{"range with host bits, name masked", "10.0.0.5/24", "10.0.0.0-24", true},
		{"IPv6", "2001:db8::/64", "2001-db8---64", true},
		{"IPv6 and network", "2001:DB8:0::/64", "storage-2001-db8---64", true},

		{"empty", "10.0.0.0/24", "", false},
		{"free name", "10.0.0.0/24", "storage", false},
		{"other range", "10.0.0.0/24", "10.0.1.0-24", false},
		{"other prefix length", "10.0.0.0/24", "10.0.0.0-2", false},
		{"no prefix length", "10.0.0.0/24", "10.0.0.0", false},
		{"no hyphen after the network", "10.0.0.0/24", "storage10.0.0.0-24", false},
		{"longer first octet", "10.0.0.0/24", "110.0.0.0-24", false},
		{"range at the start", "10.0.0.0/24", "10.0.0.0-24-storage", false},
		{"range with host bits, name not masked", "10.0.0.5/24", "10.0.0.5-24", false},
		{"IPv6 written out", "2001:db8::/64", "2001-db8-0-0-0-0-0-0-64", false},
		{"slash", "10.0.0.0/24", "10.0.0.0/24", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := parseRange(t, test.text).Names(test.poolName); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestNamesAllocatesNothing(t *testing.T) {
	r := parseRange(t, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128")
	name := "storage-" + r.NameSuffix()
	if allocations := testing.AllocsPerRun(10, func() {
		if !r.Names(name) {
			t.Error("does not name its own suffix")
		}
	}); allocations != 0 {
		t.Errorf("%v allocations, want none", allocations)
	}
}
