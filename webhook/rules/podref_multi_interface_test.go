package rules_test

import "testing"

func TestPodRefMultiInterface(t *testing.T) {
	const (
		net2   = `{"id":"a","podref":"default/web-0","ifname":"net2"}`
		legacy = `{"id":"a","podref":"default/web-0"}`
		six    = "spec.allocations[6].podref"
	)
	testRule(t, "podref-multi-interface", []ruleTest{
		{name: "two pods", pool: pool(`"5":` + web0 + `,"6":` + web1)},
		{name: "one interface twice", pool: pool(`"5":` + web0 + `,"6":` + web0)},
		{name: "two interfaces", pool: pool(`"5":` + web0 + `,"6":` + net2), want: []string{six}},
		{name: "with and without ifname", pool: pool(`"5":` + legacy + `,"6":` + web0), want: []string{six}},
		{name: "no ifname, one id", pool: pool(`"5":` + legacy + `,"6":` + legacy), want: []string{six}},
		{name: "no ifname, two ids", pool: pool(`"5":` + legacy + `,"6":{"id":"b","podref":"default/web-0"}`)},
		{name: "two keys of one offset", pool: pool(`"05":` + web0 + `,"5":` + net2)},
		{name: "before", old: pool(`"5":` + web0 + `,"6":` + net2), pool: pool(`"5":` + web0 + `,"6":` + net2 + `,"7":` + web1), want: []string{"existing " + six}},
		{name: "second interface added", old: pool(`"5":` + web0), pool: pool(`"5":` + web0 + `,"6":` + net2), want: []string{six}},
		{name: "first removed", old: pool(`"5":` + web0 + `,"6":` + net2), pool: pool(`"6":` + net2)},
	})
	testMessage(t, "podref-multi-interface", "", pool(`"5":`+web0+`,"6":`+net2),
		`spec.allocations[6].podref: Duplicate value: "default/web-0": this pod also has the allocation at offset 5 on interface "net1" (rule podref-multi-interface)`)
}
