package rules_test

import "testing"

func TestOffsetAlias(t *testing.T) {
	testRule(t, "offset-alias", []ruleTest{
		{name: "two offsets", pool: pool(`"5":` + web0 + `,"6":` + web1)},
		{name: "one key that is not canonical", pool: pool(`"05":` + web0)},
		{name: "two keys of one offset", pool: pool(`"05":` + web0 + `,"5":` + web1), want: []string{"spec.allocations[05]"}},
		{name: "three keys of one offset", pool: pool(`"+5":` + web0 + `,"05":` + web1 + `,"5":` + web2), want: []string{"spec.allocations[+5]", "spec.allocations[05]"}},
		{name: "past int64", pool: pool(`"099999999999999999999":` + web0 + `,"99999999999999999999":` + web1), want: []string{"spec.allocations[099999999999999999999]"}},
		{name: "keys that are not numbers", pool: pool(`"x":` + web0 + `,"y":` + web1)},
		{name: "before", old: pool(`"05":` + web0 + `,"5":` + web1), pool: pool(`"05":` + web0 + `,"5":` + web1 + `,"6":` + web2), want: []string{"existing spec.allocations[05]"}},
		{name: "one key more", old: pool(`"05":` + web0 + `,"5":` + web1), pool: pool(`"+5":` + web2 + `,"05":` + web0 + `,"5":` + web1), want: []string{"spec.allocations[+5]", "spec.allocations[05]"}},
		{name: "one key corrected", old: pool(`"+5":` + web0 + `,"05":` + web1), pool: pool(`"5":` + web0 + `,"05":` + web1), want: []string{"existing spec.allocations[05]"}},
		{name: "a third pod takes one key", old: pool(`"05":` + web0 + `,"5":` + web1), pool: pool(`"05":` + web2 + `,"5":` + web1), want: []string{"spec.allocations[05]"}},
		{name: "resolved", old: pool(`"05":` + web0 + `,"5":` + web1), pool: pool(`"5":` + web1)},
	})
	testMessage(t, "offset-alias", "", pool(`"05":`+web0+`,"5":`+web1),
		`spec.allocations[05]: Duplicate value: "05": has the same offset as key "5"; remove one of the two (rule offset-alias)`)
}
