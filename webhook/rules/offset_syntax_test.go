package rules_test

import "testing"

func TestOffsetSyntax(t *testing.T) {
	testRule(t, "offset-syntax", []ruleTest{
		{name: "canonical", pool: pool(`"0":` + web0 + `,"200":` + web1)},
		{name: "leading zero", pool: pool(`"05":` + web0), want: []string{"spec.allocations[05]"}},
		{name: "sign", pool: pool(`"+5":` + web0), want: []string{"spec.allocations[+5]"}},
		{name: "negative", pool: pool(`"-5":` + web0), want: []string{"spec.allocations[-5]"}},
		{name: "exponent", pool: pool(`"1e1":` + web0), want: []string{"spec.allocations[1e1]"}},
		{name: "space", pool: pool(`" 5":` + web0), want: []string{`spec.allocations[" 5"]`}},
		{name: "empty", pool: pool(`"":` + web0), want: []string{`spec.allocations[""]`}},
		{name: "address", pool: pool(`"10.0.0.5":` + web0), want: []string{"spec.allocations[10.0.0.5]"}},
		{name: "before", old: pool(`"05":` + web0), pool: pool(`"05":` + web1), want: []string{"existing spec.allocations[05]"}},
		{name: "another key of the same offset", old: pool(`"05":` + web0), pool: pool(`"005":` + web0), want: []string{"spec.allocations[005]"}},
		{name: "corrected", old: pool(`"05":` + web0), pool: pool(`"5":` + web0)},
	})
	testMessage(t, "offset-syntax", "", pool(`"05":`+web0),
		`spec.allocations[05]: Invalid value: "05": must be a decimal offset; write "5" (rule offset-syntax)`)
}
