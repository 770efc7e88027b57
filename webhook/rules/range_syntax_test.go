package rules_test

import "testing"

func TestRangeSyntax(t *testing.T) {
	found := []string{"spec.range"}
	testRule(t, "range-syntax", []ruleTest{
		{name: "IPv4", pool: poolOf("10.0.0.0/24", "")},
		{name: "IPv6", pool: poolOf("2001:db8::/64", "")},
		{name: "host bits", pool: poolOf("10.0.0.5/24", "")},
		{name: "no range", pool: `{"spec":{}}`},
		{name: "not a CIDR", pool: poolOf("my-range", ""), want: found},
		{name: "no prefix length", pool: poolOf("10.0.0.0", ""), want: found},
		{name: "prefix length too long", pool: poolOf("10.0.0.0/33", ""), want: found},
		{name: "leading zero", pool: poolOf("10.0.0.0/024", ""), want: found},
		{name: "zone", pool: poolOf("fe80::%eth0/64", ""), want: found},
		{name: "IPv4-mapped", pool: poolOf("::ffff:10.0.0.0/120", ""), want: found},
		{name: "white space", pool: poolOf(" 10.0.0.0/24", ""), want: found},
		{name: "malformed before", old: poolOf("10.0.0.0/024", ""), pool: poolOf("10.0.0.0/024", `"1":`+web0), want: []string{"existing spec.range"}},
		{name: "malformed in another way", old: poolOf("10.0.0.0/024", ""), pool: poolOf("10.0.0.0/0024", ""), want: found},
		{name: "becomes malformed", old: pool(""), pool: poolOf("10.0.0.0/024", ""), want: found},
	})
	testMessage(t, "range-syntax", "", poolOf("::ffff:10.0.0.0/120", ""),
		`spec.range: Invalid value: "::ffff:10.0.0.0/120": must not be an IPv4-mapped IPv6 range; write 10.0.0.0/24 (rule range-syntax)`)
}
