package rules_test

import "testing"

func TestAllocationReassigned(t *testing.T) {
	const (
		claim1 = `{"id":"a","podref":"vms/one","ipamclaimref":"vms/claim"}`
		claim2 = `{"id":"b","podref":"vms/two","ipamclaimref":"vms/claim"}`
		noPod  = `{"id":"a","podref":"web-0"}`
		five   = "spec.allocations[5].podref"
	)
	testRule(t, "allocation-reassigned", []ruleTest{
		{name: "created", pool: pool(`"5":` + web0)},
		{name: "kept", old: pool(`"5":` + web0), pool: pool(`"5":` + web0)},
		{name: "new id", old: pool(`"5":` + web0), pool: pool(`"5":{"id":"z","podref":"default/web-0","ifname":"net1"}`)},
		{name: "another pod", old: pool(`"5":` + web0), pool: pool(`"5":` + web1), want: []string{five}},
		{name: "another pod under another key", old: pool(`"05":` + web0), pool: pool(`"5":` + web1), want: []string{five}},
		{name: "released and assigned elsewhere", old: pool(`"5":` + web0), pool: pool(`"6":` + web1)},
		{name: "same claim", old: pool(`"5":` + claim1), pool: pool(`"5":` + claim2)},
		{name: "no pod before", old: pool(`"5":` + noPod), pool: pool(`"5":` + web0)},
		{name: "one of two aliases kept", old: pool(`"05":` + web0 + `,"5":` + web1), pool: pool(`"5":` + web0)},
		{name: "a third pod for two aliases", old: pool(`"05":` + web0 + `,"5":` + web1), pool: pool(`"5":` + web2), want: []string{five}},
	})
	testMessage(t, "allocation-reassigned", pool(`"5":`+web0), pool(`"5":`+web1),
		`spec.allocations[5].podref: Invalid value: "default/web-1": must stay default/web-0, which has this address; delete that pod and remove the allocation first (rule allocation-reassigned)`)
}
