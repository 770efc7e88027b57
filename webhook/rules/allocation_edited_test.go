package rules_test

import "testing"

func TestAllocationEdited(t *testing.T) {
	const (
		newID     = `{"id":"z","podref":"default/web-0","ifname":"net1"}`
		newIfName = `{"id":"a","podref":"default/web-0","ifname":"net2"}`
		bare      = `{"podref":"default/web-0"}`
	)
	testRule(t, "allocation-edited", []ruleTest{
		{name: "kept", old: pool(`"5":` + web0), pool: pool(`"5":` + web0)},
		{name: "id", old: pool(`"5":` + web0), pool: pool(`"5":` + newID), want: []string{"spec.allocations[5].id"}},
		{name: "ifname", old: pool(`"5":` + web0), pool: pool(`"5":` + newIfName), want: []string{"spec.allocations[5].ifname"}},
		{name: "under another key", old: pool(`"05":` + web0), pool: pool(`"5":` + newID), want: []string{"spec.allocations[5].id"}},
		{name: "filled in", old: pool(`"5":` + bare), pool: pool(`"5":` + web0)},
		{name: "removed", old: pool(`"5":` + web0), pool: pool(`"5":` + bare), want: []string{"spec.allocations[5].id"}},
		{name: "another pod", old: pool(`"5":` + web0), pool: pool(`"5":` + web1)},
		{name: "no podref", old: pool(`"5":{"id":"a"}`), pool: pool(`"5":{"id":"b"}`)},
		{name: "id of a wrong type corrected", old: pool(`"5":{"id":7,"podref":"default/web-0"}`), pool: pool(`"5":` + bare)},
	})
	testMessage(t, "allocation-edited", pool(`"5":`+web0), pool(`"5":`+newID),
		`spec.allocations[5].id: Invalid value: "z": must stay "a"; Whereabouts finds the allocation by id and ifname when it releases the address (rule allocation-edited)`)
}
