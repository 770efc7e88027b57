package rules_test

import (
	"fmt"
	"testing"
)

func TestNameMismatch(t *testing.T) {
	named := func(name, ipRange string) string {
		return fmt.Sprintf(`{"metadata":{"name":%q},"spec":{"range":%q}}`, name, ipRange)
	}
	testRule(t, "name-mismatch", []ruleTest{
		{name: "range", pool: named("10.0.0.0-24", "10.0.0.0/24")},
		{name: "network and range", pool: named("blue-10.0.0.0-24", "10.0.0.0/24")},
		{name: "IPv6", pool: named("2001-db8---64", "2001:db8::/64")},
		{name: "another range", pool: named("10.0.1.0-24", "10.0.0.0/24"), want: []string{"metadata.name"}},
		{name: "no hyphen before the range", pool: named("110.0.0.0-24", "10.0.0.0/24"), want: []string{"metadata.name"}},
		{name: "no name yet", pool: named("", "10.0.0.0/24")},
		{name: "not a range", pool: named("10.0.1.0-24", "my-range")},
		{name: "before", old: named("pool", "10.0.0.0/24"), pool: named("pool", "10.0.0.0/24"), want: []string{"existing metadata.name"}},
	})
	testMessage(t, "name-mismatch", "", named("pool", "10.0.0.0/24"),
		`metadata.name: Invalid value: "pool": must end in "10.0.0.0-24", the name under which Whereabouts looks for the pool of 10.0.0.0/24 (rule name-mismatch)`)
}
