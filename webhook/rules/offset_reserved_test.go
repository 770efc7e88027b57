package rules_test

import "testing"

func TestOffsetReserved(t *testing.T) {
	testRule(t, "offset-reserved", []ruleTest{
		{name: "addresses between", pool: pool(`"1":` + web0 + `,"254":` + web1)},
		{name: "first and last", pool: pool(`"0":` + web0 + `,"255":` + web1), want: []string{"spec.allocations[0]", "spec.allocations[255]"}},
		{name: "IPv6", pool: poolOf("2001:db8::/120", `"0":`+web0+`,"255":`+web1), want: []string{"spec.allocations[0]", "spec.allocations[255]"}},
		{name: "not canonical", pool: pool(`"00":` + web0), want: []string{"spec.allocations[00]"}},
		{name: "range of two", pool: poolOf("10.0.0.0/31", `"0":`+web0+`,"1":`+web1)},
		{name: "enable_l3", pool: `{"spec":{"range":"10.0.0.0/24","enable_l3":true,"allocations":{"0":` + web0 + `}}}`},
		{name: "past the range", pool: pool(`"256":` + web0)},
		{name: "no range", pool: poolOf("", `"0":`+web0)},
		{name: "before", old: pool(`"0":` + web0), pool: pool(`"0":` + web1), want: []string{"existing spec.allocations[0]"}},
		{name: "range appears", old: poolOf("my-range", `"0":`+web0), pool: pool(`"0":` + web0), want: []string{"existing spec.allocations[0]"}},
		{name: "added", old: pool(""), pool: pool(`"0":` + web0), want: []string{"spec.allocations[0]"}},
	})
	testMessage(t, "offset-reserved", "", pool(`"0":`+web0),
		`spec.allocations[0]: Invalid value: "0": must not be the first or the last address of 10.0.0.0/24, which Whereabouts never assigns (rule offset-reserved)`)
}
