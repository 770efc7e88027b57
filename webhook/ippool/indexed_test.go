package ippool_test

import (
	"fmt"
	"testing"

	"ippool-webhook/webhook/ippool"
)

// TestFind looks for keys by their text alone.
func TestFind(t *testing.T) {
	for name, keys := range map[string][]string{
		"sorted":   {"", "+6", "005", "05", "099999999999999999999", "1", "10", "9", "web-0"},
		"unsorted": {"9", "10", "1", "web-0", "099999999999999999999", "05", "005", "+6", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := poolOfKeys(keys)
			for _, key := range []string{"5", "6", "web-1"} {
				if i := p.Find(key); i != -1 {
					t.Errorf("%s is allocation %d", key, i)
				}
			}
			for i := range p.Allocations {
				if got := p.Find(p.Allocations[i].Key); got != i {
					t.Errorf("%q is allocation %d, want %d", p.Allocations[i].Key, got, i)
				}
			}
		})
	}
}

func TestFindInManyUnsortedKeys(t *testing.T) {
	var keys []string
	for i := range 500 {
		keys = append(keys, fmt.Sprint((i*7919)%100003))
	}
	p := poolOfKeys(keys)
	if len(p.Allocations) != len(keys) {
		t.Fatalf("%d allocations, want %d", len(p.Allocations), len(keys))
	}
	for i, key := range keys {
		if got := p.Find(key); got != i {
			t.Fatalf("key %s is allocation %d, want %d", key, got, i)
		}
	}
	if got := p.Find("100004"); got != -1 {
		t.Errorf("an absent key is allocation %d", got)
	}
}

// TestIndexIsReused indexes pools one after the other in the same memory: nothing of one may show in the next.
func TestIndexIsReused(t *testing.T) {
	pools := []*ippool.IndexedPool{
		poolOfKeys(nil), poolOfKeys([]string{"1", "2"}), poolOfKeys([]string{"2", "1"}), poolOfKeys([]string{"05", "5", "x"}), poolOfKeys([]string{"5", "+5", "05"}),
		parse(t, `{"spec":{"allocations":{"1":{"podref":"default/web-0"},"2":{"podref":"default/web-0"},"02":{"id":"a"}}}}`),
	}
	var reused ippool.IndexedPool
	for _, before := range pools {
		for _, pool := range pools {
			reused.Index(before.Pool)
			describe(&reused)
			reused.Index(pool.Pool)
			if fresh, got := describe(index(pool.Pool)), describe(&reused); fresh != got {
				t.Errorf("after another pool:\n%s\nwant\n%s", got, fresh)
			}
		}
	}
}

// describe returns what the indexes of a pool say.
func describe(x *ippool.IndexedPool) string {
	var text string
	for _, key := range []string{"1", "5", "05", "+5", "10", "x"} {
		text += fmt.Sprintln(key, x.Find(key))
	}
	for id := ippool.SameKey; id <= ippool.SameClaim; id++ {
		groups := x.By(id)
		text += fmt.Sprintln(id, groups.Shared())
		for i := range x.Allocations {
			text += fmt.Sprintln(groups.First(i), groups.FirstOther(i), groups.Size(i), x.Has(i, &x.Allocations[i], id))
		}
	}
	return text
}

func TestIndexAllocatesNothingForAnAllocation(t *testing.T) {
	count := func(n int) float64 {
		var p ippool.Pool
		for i := range n {
			p.Add(fmt.Sprint(10_000 + i)).PodRef = fmt.Sprint("default/web-", i)
		}
		var x ippool.IndexedPool
		return testing.AllocsPerRun(5, func() {
			x.Index(&p)
			x.By(ippool.SamePod)
			x.By(ippool.SamePodInterface)
			x.By(ippool.SameContainerInterface)
		})
	}
	if few, many := count(10), count(5000); many > few {
		t.Errorf("%v allocations of memory for 5000 allocations, %v for 10", many, few)
	}
}
