package rules_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestBulkRelease(t *testing.T) {
	// first returns a pool with allocations at the offsets from 1 to n.
	first := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`"%d":%s`, i+1, web0))
		}
		return pool(strings.Join(list, ","))
	}
	found := []string{"spec.allocations"}
	testRule(t, "bulk-release", []ruleTest{
		{name: "one of two", old: first(2), pool: first(1)},
		{name: "the only one", old: first(1), pool: first(0)},
		{name: "both", old: first(2), pool: first(0), want: found},
		{name: "seven of eight", old: first(8), pool: first(1)},
		{name: "eight of nine", old: first(9), pool: first(1), want: found},
		{name: "half of sixteen", old: first(16), pool: first(8)},
		{name: "nine of sixteen", old: first(16), pool: first(7), want: found},
		{name: "allocations disappear", old: first(2), pool: `{"spec":{"range":"10.0.0.0/24"}}`, want: found},
		{name: "spec disappears", old: first(2), pool: `{}`, want: found},
		{name: "two keys of one offset", old: pool(`"05":` + web0 + `,"5":` + web1), pool: pool(`"5":` + web0)},
		{name: "keys corrected", old: pool(`"05":` + web0 + `,"06":` + web1), pool: pool(`"5":` + web0 + `,"6":` + web1)},
	})
	testMessage(t, "bulk-release", first(9), first(1),
		"spec.allocations: Forbidden: removes 8 of 9 allocations; Whereabouts assigns their addresses to other pods immediately (rule bulk-release)")
}
