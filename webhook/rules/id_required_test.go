package rules_test

import "testing"

func TestIDRequired(t *testing.T) {
	const empty = `{"id":"","podref":"default/web-0"}`
	testRule(t, "id-required", []ruleTest{
		{name: "id", pool: pool(`"5":` + web0)},
		{name: "empty", pool: pool(`"5":` + empty), want: []string{"spec.allocations[5].id"}},
		{name: "absent", pool: pool(`"5":{"podref":"default/web-0"}`), want: []string{"spec.allocations[5].id"}},
		{name: "wrong type", pool: pool(`"5":{"id":7}`)},
		{name: "before", old: pool(`"5":` + empty), pool: pool(`"5":{"podref":"default/web-1"}`), want: []string{"existing spec.allocations[5].id"}},
		{name: "emptied", old: pool(`"5":` + web0), pool: pool(`"5":` + empty), want: []string{"spec.allocations[5].id"}},
	})
	testMessage(t, "id-required", "", pool(`"5":`+empty),
		"spec.allocations[5].id: Required value: must be the container id of the pod; without it, Whereabouts does not release the address when the pod is deleted (rule id-required)")
}
