package rules_test

import "testing"

func TestUnknownField(t *testing.T) {
	const inSpec, inAllocation = `{"spec":{"gateway":1}}`, `"5":{"owner":1}`
	testRule(t, "unknown-field", []ruleTest{
		{name: "known", pool: pool(`"5":` + web0)},
		{name: "at the root", pool: `{"extra":1}`, want: []string{"extra"}},
		{name: "in spec", pool: inSpec, want: []string{"spec.gateway"}},
		{name: "in an allocation", pool: pool(inAllocation), want: []string{"spec.allocations.5.owner"}},
		{name: "in metadata", pool: `{"metadata":{"extra":1}}`},
		{name: "in status", pool: `{"status":{"extra":1}}`},
		{name: "before", old: inSpec, pool: `{"spec":{"gateway":2}}`, want: []string{"existing spec.gateway"}},
		{name: "before, under another key", old: pool(`"05":{"owner":1}`), pool: pool(inAllocation), want: []string{"existing spec.allocations.5.owner"}},
		{name: "before, in another key of the offset", old: pool(`"05":{"owner":1},"5":{}`), pool: pool(`"05":{},"5":{"owner":1}`), want: []string{"existing spec.allocations.5.owner"}},
		{name: "in another allocation", old: pool(`"5":{"owner":1},"6":{}`), pool: pool(`"5":{},"6":{"owner":1}`), want: []string{"spec.allocations.6.owner"}},
		{name: "elsewhere", old: inSpec, pool: `{"gateway":1}`, want: []string{"gateway"}},
	})
}
