package rules_test

import "testing"

func TestOffsetOutOfRange(t *testing.T) {
	testRule(t, "offset-out-of-range", []ruleTest{
		{name: "last address", pool: pool(`"255":` + web0)},
		{name: "past the range", pool: pool(`"256":` + web0), want: []string{"spec.allocations[256]"}},
		{name: "past the range, not canonical", pool: pool(`"0256":` + web0), want: []string{"spec.allocations[0256]"}},
		{name: "past int64", pool: pool(`"9223372036854775808":` + web0), want: []string{"spec.allocations[9223372036854775808]"}},
		{name: "not a number", pool: pool(`"x":` + web0)},
		{name: "past the network, counted from a host", pool: poolOf("10.0.0.200/24", `"56":`+web0), want: []string{"spec.allocations[56]"}},
		{name: "no range", pool: poolOf("", `"256":`+web0)},
		{name: "no range, past int64", pool: poolOf("", `"9223372036854775808":`+web0), want: []string{"spec.allocations[9223372036854775808]"}},
		{name: "malformed range", pool: poolOf("10.0.0.0/024", `"256":`+web0), want: []string{"spec.allocations[256]"}},
		{name: "IPv4 past what Whereabouts reads", pool: poolOf("0.0.0.0/0", `"4294967295":`+web0), want: []string{"spec.allocations[4294967295]"}},
		{name: "IPv4-mapped address", pool: poolOf("::/64", `"281470681743360":`+web0), want: []string{"spec.allocations[281470681743360]"}},
		{name: "before", old: pool(`"256":` + web0), pool: pool(`"256":` + web1), want: []string{"existing spec.allocations[256]"}},
		{name: "another key of the same offset", old: pool(`"256":` + web0), pool: pool(`"0256":` + web0), want: []string{"existing spec.allocations[0256]"}},
		{name: "range appears", old: poolOf("my-range", `"256":`+web0), pool: pool(`"256":` + web0), want: []string{"existing spec.allocations[256]"}},
		{name: "range shrinks", old: poolOf("10.0.0.0/23", `"256":`+web0), pool: pool(`"256":` + web0), want: []string{"spec.allocations[256]"}},
		{name: "added", old: pool(""), pool: pool(`"256":` + web0), want: []string{"spec.allocations[256]"}},
	})
	testMessage(t, "offset-out-of-range", "", pool(`"300":`+web0),
		`spec.allocations[300]: Invalid value: "300": must be at most 255, the last offset that Whereabouts can use in 10.0.0.0/24 (rule offset-out-of-range)`)
}
