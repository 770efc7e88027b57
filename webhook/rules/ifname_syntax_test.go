package rules_test

import (
	"fmt"
	"testing"
)

func TestIfNameSyntax(t *testing.T) {
	named := func(ifname string) string { return pool(fmt.Sprintf(`"5":{"ifname":%q}`, ifname)) }
	found := []string{"spec.allocations[5].ifname"}
	testRule(t, "ifname-syntax", []ruleTest{
		{name: "name", pool: named("net1")},
		{name: "absent", pool: pool(`"5":{}`)},
		{name: "empty", pool: named("")},
		{name: "15 bytes", pool: named("abcdefghijklmno")},
		{name: "16 bytes", pool: named("abcdefghijklmnop"), want: found},
		{name: "slash", pool: named("net/1"), want: found},
		{name: "two dots", pool: named(".."), want: found},
		{name: "wrong type", pool: pool(`"5":{"ifname":7}`)},
		{name: "before", old: named("net/1"), pool: named("net/1"), want: []string{"existing spec.allocations[5].ifname"}},
		{name: "malformed in another way", old: named("net/1"), pool: named("net/2"), want: found},
	})
	testMessage(t, "ifname-syntax", "", named("net/1"),
		`spec.allocations[5].ifname: Invalid value: "net/1": must be a name of a Linux network interface: 1 to 15 bytes without slash, colon or white space, such as net1 (rule ifname-syntax)`)
}
