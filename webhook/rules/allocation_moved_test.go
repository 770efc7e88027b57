package rules_test

import "testing"

func TestAllocationMoved(t *testing.T) {
	const noID = `{"podref":"default/web-0","ifname":"net1"}`
	testRule(t, "allocation-moved", []ruleTest{
		{name: "kept", old: pool(`"5":` + web0), pool: pool(`"5":` + web0 + `,"6":` + web1)},
		{name: "moved", old: pool(`"5":` + web0), pool: pool(`"6":` + web0), want: []string{"spec.allocations[6]"}},
		{name: "swapped", old: pool(`"5":` + web0 + `,"6":` + web1), pool: pool(`"5":` + web1 + `,"6":` + web0), want: []string{"spec.allocations[5]", "spec.allocations[6]"}},
		{name: "copied", old: pool(`"5":` + web0), pool: pool(`"5":` + web0 + `,"6":` + web0)},
		{name: "no id", old: pool(`"5":` + noID), pool: pool(`"6":` + noID)},
		{name: "another interface", old: pool(`"5":` + web0), pool: pool(`"6":{"id":"a","podref":"default/web-0","ifname":"net2"}`)},
		{name: "key corrected", old: pool(`"05":` + web0), pool: pool(`"5":` + web0)},
		{name: "unreadable key corrected", old: pool(`"x":` + web0), pool: pool(`"5":` + web0)},
		{name: "another range", old: pool(`"5":` + web0), pool: poolOf("10.0.1.0/24", `"6":`+web0)},
	})
	testMessage(t, "allocation-moved", pool(`"5":`+web0), pool(`"6":`+web0),
		`spec.allocations[6]: Invalid value: "6": pod default/web-0 uses the address at offset 5; its allocation must stay there (rule allocation-moved)`)
}
