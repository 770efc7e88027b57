package ippool_test

import (
	"fmt"
	"net/netip"

	"ippool-webhook/webhook/ippool"
)

// A range counts offsets from its address.
func ExampleParseRange() {
	r, err := ippool.ParseRange("10.0.0.0/24")
	if err != nil {
		fmt.Println(err)
		return
	}
	offset, ok := r.OffsetOf(netip.MustParseAddr("10.0.0.5"))
	fmt.Println(r, offset, ok)
	fmt.Println(r.NameSuffix())
	// Output:
	// 10.0.0.0/24 5 true
	// 10.0.0.0-24
}

// The error says what the range must be and, if there is only one, the correction.
func ExampleParseRange_errors() {
	for _, text := range []string{"10.0.0.0/255.255.255.0", "my-range"} {
		_, err := ippool.ParseRange(text)
		fmt.Println(err)
	}
	// Output:
	// must have a prefix length, not a mask; write 10.0.0.0/24
	// must be a CIDR, such as 10.0.0.0/24 or 2001:db8::/64
}

// Whereabouts reads the key 05 as the offset 5, and writes it back in canonical form.
func ExampleParseOffset() {
	a := ippool.Allocation{Key: "05", Offset: ippool.ParseOffset("05")}
	fmt.Println(a.Offset.Value, a.Offset.Readable, a.Offset.Canonical, a.CanonicalKey())
	// Output: 5 true false 5
}

func ExamplePodRefError() {
	fmt.Println(ippool.PodRefError("default/web-0"))
	fmt.Println(ippool.PodRefError("web-0"))
	// Output:
	// <nil>
	// must be <namespace>/<pod name>, such as default/web-0
}

// A change identifies allocations by their offsets.
func ExampleChange() {
	pool := func(key, podref string) *ippool.IndexedPool {
		p := &ippool.Pool{}
		p.SetRange("10.0.0.0/24")
		p.Add(key).PodRef = podref
		indexed := &ippool.IndexedPool{}
		indexed.Index(p)
		return indexed
	}
	var c ippool.Change
	c.Compare(pool("05", "default/web-0"), pool("5", "default/web-1"))
	before := c.Old.Allocations[c.Before(0)]
	fmt.Println(before.Key, before.PodRef, c.Had(0, ippool.SamePod))
	// Output: 05 default/web-0 false
}
