package ippool_test

import (
	"testing"

	"ippool-webhook/webhook/ippool"
)

func TestValidIfName(t *testing.T) {
	for _, test := range []struct {
		name, ifname string
		want         bool
	}{
		{"usual", "net1", true},
		{"one byte", "e", true},
		{"15 bytes", "pod0a1b2c3d4e5f", true},
		{"dot inside", "eth0.100", true},
		{"three dots", "...", true},
		{"hyphen and at sign", "veth-a@if2", true},
		{"beyond ASCII", "nét1", true},

		{"empty", "", false},
		{"16 bytes", "pod0a1b2c3d4e5f6", false},
		{"16 bytes in 15 characters", "netzwerkkärtche", false},
		{"dot", ".", false},
		{"two dots", "..", false},
		{"slash", "eth0/1", false},
		{"colon", "eth0:1", false},
		{"space", "net 1", false},
		{"tab", "net\t1", false},
		{"newline", "net1\n", false},
		{"vertical tab", "net\v1", false},
		{"form feed", "net\f1", false},
		{"carriage return", "net1\r", false},
		{"no-break space of Latin-1", "net\xa01", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := ippool.ValidIfName(test.ifname); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
