package rules_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestPodRefSyntax(t *testing.T) {
	named := func(podref string) string { return pool(fmt.Sprintf(`"5":{"podref":%q}`, podref)) }
	found := []string{"spec.allocations[5].podref"}
	testRule(t, "podref-syntax", []ruleTest{
		{name: "namespace and name", pool: named("default/web-0")},
		{name: "name with dots", pool: named("default/web.0.example")},
		{name: "absent", pool: pool(`"5":{}`), want: found},
		{name: "empty", pool: named(""), want: found},
		{name: "no namespace", pool: named("web-0"), want: found},
		{name: "capital letters", pool: named("Default/Web_0"), want: found},
		{name: "three parts", pool: named("a/b/c"), want: found},
		{name: "namespace of 63 characters", pool: named(strings.Repeat("n", 63) + "/web-0")},
		{name: "namespace of 64 characters", pool: named(strings.Repeat("n", 64) + "/web-0"), want: found},
		{name: "wrong type", pool: pool(`"5":{"podref":7}`)},
		{name: "before", old: named("web-0"), pool: named("web-0"), want: []string{"existing spec.allocations[5].podref"}},
		{name: "before, under another key", old: pool(`"05":{"podref":"web-0"}`), pool: named("web-0"), want: []string{"existing spec.allocations[5].podref"}},
		{name: "malformed in another way", old: named("web-0"), pool: named("web-1"), want: found},
	})
	testMessage(t, "podref-syntax", "", named("web-0"),
		`spec.allocations[5].podref: Invalid value: "web-0": must be <namespace>/<pod name>, such as default/web-0 (rule podref-syntax)`)
}
