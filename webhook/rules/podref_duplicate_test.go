package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ippool-webhook/webhook/rules"
)

func TestPodRefDuplicate(t *testing.T) {
	const (
		net2     = `{"id":"a","podref":"default/web-0","ifname":"net2"}`
		legacy   = `{"id":"a","podref":"default/web-0"}`
		replaced = `{"id":"b","podref":"default/web-0"}`
		six      = "spec.allocations[6].podref"
	)
	testRule(t, "podref-duplicate", []ruleTest{
		{name: "two pods", pool: pool(`"5":` + web0 + `,"6":` + web1)},
		{name: "two interfaces", pool: pool(`"5":` + web0 + `,"6":` + net2)},
		{name: "one interface twice", pool: pool(`"5":` + web0 + `,"6":` + web0), want: []string{six}},
		{name: "no ifname, one id", pool: pool(`"5":` + legacy + `,"6":` + legacy)},
		{name: "no ifname, two ids", pool: pool(`"5":` + legacy + `,"6":` + replaced), want: []string{six}},
		{name: "with and without ifname", pool: pool(`"5":` + legacy + `,"6":` + web0)},
		{name: "two keys of one offset", pool: pool(`"05":` + web0 + `,"5":` + web0)},
		{name: "empty podrefs", pool: pool(`"5":{},"6":{}`)},
		{name: "before", old: pool(`"5":` + web0 + `,"6":` + web0), pool: pool(`"5":` + web0 + `,"6":` + web0 + `,"7":` + web1), want: []string{"existing " + six}},
		{name: "one more", old: pool(`"5":` + web0 + `,"6":` + web0), pool: pool(`"5":` + web0 + `,"6":` + web0 + `,"7":` + web0), want: []string{six, "spec.allocations[7].podref"}},
		{name: "a lower offset more", old: pool(`"5":` + web0 + `,"6":` + web0), pool: pool(`"4":` + web0 + `,"5":` + web0 + `,"6":` + web0), want: []string{"spec.allocations[5].podref", six}},
		{name: "one less", old: pool(`"4":` + web0 + `,"5":` + web0 + `,"6":` + web0), pool: pool(`"5":` + web0 + `,"6":` + web0), want: []string{"existing " + six}},
	})
}

func TestPodRefDuplicateScope(t *testing.T) {
	p := parse(t, `"1":{"podref":"default/web-0","ifname":"net1"},"2":{"podref":"default/web-0","ifname":"net2"},"3":{"podref":"default/web-0","ifname":"net1"}`)
	for _, test := range []struct {
		scope rules.PodRefScope
		want  []string
	}{
		{rules.ScopeInterface, []string{
			`spec.allocations[3].podref: Duplicate value: "default/web-0": interface "net1" of this pod already has the allocation at offset 1; remove one of the two (rule podref-duplicate)`,
		}},
		{rules.ScopePod, []string{
			`spec.allocations[2].podref: Duplicate value: "default/web-0": this pod already has the allocation at offset 1; remove one of the two (rule podref-duplicate)`,
			`spec.allocations[3].podref: Duplicate value: "default/web-0": this pod already has the allocation at offset 1; remove one of the two (rule podref-duplicate)`,
		}},
	} {
		t.Run(string(test.scope), func(t *testing.T) {
			rule := ruleOf(t, rules.Options{PodRefDuplicateScope: test.scope}, "podref-duplicate")
			if diff := cmp.Diff(test.want, messages(t, setOf(t, rule), p)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}
