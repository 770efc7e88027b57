package rules_test

import "testing"

func TestRangeImmutable(t *testing.T) {
	found := []string{"spec.range"}
	const one = `"1":` + web0
	testRule(t, "range-immutable", []ruleTest{
		{name: "created", pool: pool(one)},
		{name: "same", old: pool(one), pool: pool(one)},
		{name: "another text of the same range", old: poolOf("2001:db8::/64", one), pool: poolOf("2001:DB8:0::/64", one)},
		{name: "a malformed text", old: pool(one), pool: poolOf("10.0.0.0/024", one)},
		{name: "another network", old: pool(one), pool: poolOf("10.0.1.0/24", one), want: found},
		{name: "another network, no allocations", old: pool(""), pool: poolOf("10.0.1.0/24", ""), want: found},
		{name: "another prefix length", old: pool(""), pool: poolOf("10.0.0.0/25", ""), want: found},
		{name: "removed, which range-required finds", old: pool(one), pool: poolOf("", one)},
		{name: "removed from an empty pool", old: pool(""), pool: poolOf("", "")},
		{name: "host bits corrected", old: poolOf("10.0.0.5/24", ""), pool: pool("")},
		{name: "host bits corrected, emptied", old: poolOf("10.0.0.5/24", one), pool: pool("")},
		{name: "host bits corrected beside allocations", old: poolOf("10.0.0.5/24", one), pool: pool(one), want: found},
		{name: "malformed", old: poolOf("10.0.0.0/024", one), pool: pool(one)},
		{name: "malformed, to another network", old: poolOf("10.0.0.0/024", one), pool: poolOf("10.0.1.0/24", one), want: found},
		{name: "malformed, to another network, no allocations", old: poolOf("10.0.0.0/024", ""), pool: poolOf("10.0.1.0/24", "")},
		{name: "not a range before", old: poolOf("my-range", one), pool: pool(one)},
		{name: "IPv4-mapped", old: poolOf("::ffff:10.0.0.0/120", one), pool: pool(one)},
	})
	testMessage(t, "range-immutable", pool(one), poolOf("10.0.1.0/24", one),
		`spec.range: Invalid value: "10.0.1.0/24": must stay 10.0.0.0/24, from which the offsets of the allocations count; create a pool for the new range (rule range-immutable)`)
}
