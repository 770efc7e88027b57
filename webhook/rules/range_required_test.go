package rules_test

import "testing"

func TestRangeRequired(t *testing.T) {
	const noSpec, noRange = `{}`, `{"spec":{"allocations":{}}}`
	testRule(t, "range-required", []ruleTest{
		{name: "range", pool: pool("")},
		{name: "malformed range", pool: poolOf("my-range", "")},
		{name: "no spec", pool: noSpec, want: []string{"spec"}},
		{name: "null spec", pool: `{"spec":null}`, want: []string{"spec"}},
		{name: "spec of a wrong type", pool: `{"spec":5}`},
		{name: "no range", pool: noRange, want: []string{"spec.range"}},
		{name: "empty range", pool: poolOf("", ""), want: []string{"spec.range"}},
		{name: "range of a wrong type", pool: `{"spec":{"range":5}}`},
		{name: "range disappears", old: pool(""), pool: noRange, want: []string{"spec.range"}},
		{name: "spec disappears", old: noRange, pool: noSpec, want: []string{"spec"}},
		{name: "spec appears without range", old: noSpec, pool: noRange, want: []string{"existing spec.range"}},
		{name: "no range before", old: noRange, pool: poolOf("", `"1":`+web0), want: []string{"existing spec.range"}},
	})
	testMessage(t, "range-required", "", noRange,
		"spec.range: Required value: must have a range, such as range: 10.0.0.0/24 (rule range-required)")
}
