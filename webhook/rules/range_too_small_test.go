package rules_test

import "testing"

func TestRangeTooSmall(t *testing.T) {
	found := []string{"spec.range"}
	testRule(t, "range-too-small", []ruleTest{
		{name: "/30", pool: poolOf("10.0.0.0/30", "")},
		{name: "/31", pool: poolOf("10.0.0.0/31", ""), want: found},
		{name: "/32", pool: poolOf("10.0.0.0/32", ""), want: found},
		{name: "/126", pool: poolOf("2001:db8::/126", "")},
		{name: "/127", pool: poolOf("2001:db8::/127", ""), want: found},
		{name: "/128", pool: poolOf("2001:db8::/128", ""), want: found},
		{name: "enable_l3", pool: `{"spec":{"range":"10.0.0.0/31","enable_l3":true}}`},
		{name: "before", old: poolOf("10.0.0.0/31", ""), pool: poolOf("10.0.0.0/31", `"1":`+web0), want: []string{"existing spec.range"}},
	})
	testMessage(t, "range-too-small", "", poolOf("10.0.0.0/31", ""),
		`spec.range: Invalid value: "10.0.0.0/31": must have at least four addresses; Whereabouts does not assign the first and the last one (rule range-too-small)`)
}
