package rules_test

import "testing"

func TestRangeHostBits(t *testing.T) {
	found, existing := []string{"spec.range"}, []string{"existing spec.range"}
	testRule(t, "range-host-bits", []ruleTest{
		{name: "network address", pool: pool("")},
		{name: "IPv6 network address", pool: poolOf("2001:db8::/64", "")},
		{name: "host bits", pool: poolOf("10.0.0.5/24", ""), want: found},
		{name: "IPv6 host bits", pool: poolOf("2001:db8::1/64", ""), want: found},
		{name: "not a range", pool: poolOf("my-range", "")},
		{name: "before", old: poolOf("10.0.0.5/24", ""), pool: poolOf("10.0.0.5/24", `"1":`+web0), want: existing},
		{name: "malformed before", old: poolOf("10.0.0.5/024", ""), pool: poolOf("10.0.0.5/24", ""), want: existing},
		{name: "other host bits", old: poolOf("10.0.0.5/24", ""), pool: poolOf("10.0.0.6/24", ""), want: found},
		{name: "corrected", old: poolOf("10.0.0.5/24", ""), pool: pool("")},
	})
	testMessage(t, "range-host-bits", "", poolOf("10.0.0.5/24", ""),
		`spec.range: Invalid value: "10.0.0.5/24": must be the network address, without host bits; write 10.0.0.0/24 (rule range-host-bits)`)
}
