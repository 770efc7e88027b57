package rules_test

import "testing"

func TestIDDuplicate(t *testing.T) {
	const (
		other  = `{"id":"a","podref":"default/web-1","ifname":"net1"}`
		legacy = `{"id":"a","podref":"default/web-0"}`
		six    = "spec.allocations[6].id"
	)
	testRule(t, "id-duplicate", []ruleTest{
		{name: "two ids", pool: pool(`"5":` + web0 + `,"6":` + web1)},
		{name: "one id on two interfaces", pool: pool(`"5":` + web0 + `,"6":{"id":"a","podref":"default/web-0","ifname":"net2"}`)},
		{name: "one id and ifname", pool: pool(`"5":` + web0 + `,"6":` + other), want: []string{six}},
		{name: "no ifname, one pod", pool: pool(`"5":` + legacy + `,"6":` + legacy)},
		{name: "no ifname, two pods", pool: pool(`"5":` + legacy + `,"6":{"id":"a","podref":"default/web-1"}`), want: []string{six}},
		{name: "empty ids", pool: pool(`"5":{"id":""},"6":{"id":""}`)},
		{name: "two keys of one offset", pool: pool(`"05":` + web0 + `,"5":` + web0)},
		{name: "before", old: pool(`"5":` + web0 + `,"6":` + other), pool: pool(`"5":` + web0 + `,"6":` + other + `,"7":` + web1), want: []string{"existing " + six}},
		{name: "added", old: pool(`"5":` + web0), pool: pool(`"5":` + web0 + `,"6":` + other), want: []string{six}},
	})
	testMessage(t, "id-duplicate", "", pool(`"5":`+web0+`,"6":`+other),
		`spec.allocations[6].id: Duplicate value: "a": this interface of the container already has the allocation at offset 5; remove one of the two (rule id-duplicate)`)
}
