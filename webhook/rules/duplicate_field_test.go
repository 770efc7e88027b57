package rules_test

import "testing"

func TestDuplicateField(t *testing.T) {
	testRule(t, "duplicate-field", []ruleTest{
		{name: "once", pool: pool(`"5":` + web0)},
		{name: "in spec", pool: `{"spec":{"range":"a","range":"b"}}`, want: []string{"spec.range"}},
		{name: "allocation", pool: pool(`"5":{},"5":{}`), want: []string{"spec.allocations.5"}},
		{name: "in an allocation", pool: pool(`"5":{"id":"a","id":"b"}`), want: []string{"spec.allocations.5.id"}},
		{name: "below an unknown field", pool: `{"extra":[{"a":1,"a":2}]}`, want: []string{"extra[0].a"}},
		{name: "in metadata", pool: `{"metadata":{"name":"a","name":"b"}}`},
		{name: "two keys of one offset are no duplicate", pool: pool(`"5":{},"05":{}`)},
		{name: "before", old: `{"spec":{"range":"a","range":"b"}}`, pool: `{"spec":{"range":"a","range":"c"}}`, want: []string{"existing spec.range"}},
	})
}
