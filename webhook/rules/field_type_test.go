package rules_test

import "testing"

func TestFieldType(t *testing.T) {
	testRule(t, "field-type", []ruleTest{
		{name: "right types", pool: pool(`"5":` + web0)},
		{name: "null is absent", pool: `{"spec":{"range":null,"allocations":{"5":null,"6":{"id":null}}}}`},
		{name: "spec", pool: `{"spec":5}`, want: []string{"spec"}},
		{name: "range", pool: `{"spec":{"range":5}}`, want: []string{"spec.range"}},
		{name: "enable_l3", pool: `{"spec":{"enable_l3":"true"}}`, want: []string{"spec.enable_l3"}},
		{name: "allocations", pool: `{"spec":{"allocations":[]}}`, want: []string{"spec.allocations"}},
		{name: "allocation", pool: pool(`"5":"default/web-0"`), want: []string{"spec.allocations[5]"}},
		{
			name: "fields of an allocation", pool: pool(`"5":{"id":7,"podref":{},"ifname":[],"ipamclaimref":false}`),
			want: []string{"spec.allocations[5].podref", "spec.allocations[5].id", "spec.allocations[5].ifname", "spec.allocations[5].ipamclaimref"},
		},
		{name: "metadata belongs to the API server", pool: `{"metadata":{"name":5}}`},
		{name: "before", old: pool(`"5":{"id":7}`), pool: pool(`"5":{"id":7,"podref":"default/web-0"}`), want: []string{"existing spec.allocations[5].id"}},
		{name: "another value", old: pool(`"5":{"id":7}`), pool: pool(`"5":{"id":8}`), want: []string{"spec.allocations[5].id"}},
		{name: "string before", old: pool(`"5":{"id":"7"}`), pool: pool(`"5":{"id":7}`), want: []string{"spec.allocations[5].id"}},
		{name: "spec before", old: `{"spec":5}`, pool: `{"spec":5}`, want: []string{"existing spec"}},
	})
	testMessage(t, "field-type", "", pool(`"5":{"id":7}`),
		`spec.allocations[5].id: Invalid value: "integer": spec.allocations[5].id in body must be of type string: "integer" (rule field-type)`)
}
