package rules_test

import (
	"strings"
	"testing"
)

func TestPoolSize(t *testing.T) {
	// sized returns a pool of this many bytes.
	sized := func(bytes int) string {
		const empty = `{"metadata":{"labels":""},"spec":{"range":"10.0.0.0/24"}}`
		return strings.Replace(empty, `""`, `"`+strings.Repeat("x", bytes-len(empty))+`"`, 1)
	}
	testRule(t, "pool-size", []ruleTest{
		{name: "small", pool: pool("")},
		{name: "1 MiB", pool: sized(1 << 20)},
		{name: "1 MiB and a byte", pool: sized(1<<20 + 1), want: []string{"spec.allocations"}},
		{name: "before", old: sized(1<<20 + 1), pool: sized(1<<20 + 1), want: []string{"existing spec.allocations"}},
		{name: "grows past 1 MiB", old: sized(1 << 20), pool: sized(1<<20 + 1), want: []string{"spec.allocations"}},
	})
	testMessage(t, "pool-size", "", sized(1<<20+1),
		"spec.allocations: Forbidden: the object has 1024 KiB; etcd does not store objects of more than 1536 KiB; split the range (rule pool-size)")
}
