package ippool_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ippool-webhook/webhook/codec"
	"ippool-webhook/webhook/ippool"
)

func TestLess(t *testing.T) {
	want := []string{
		"0", "-0", "00", "1", "5", "+5", "05", "+05", "005", "10", "200", "9223372036854775807", "09223372036854775807",
		"", "a", "b", "-5", "1e1", "9223372036854775808",
	}
	shuffled := slices.Clone(want)
	slices.Sort(shuffled)
	slices.Reverse(shuffled)
	p := poolOfKeys(shuffled)
	order := make([]int, len(p.Allocations))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, p.Compare)
	var got []string
	for _, i := range order {
		got = append(got, p.Allocations[i].Key)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	for i := range p.Allocations {
		for j := range p.Allocations {
			if before := slices.Index(order, i) < slices.Index(order, j); p.Less(i, j) != before {
				t.Errorf("%q less than %q is %v", p.Allocations[i].Key, p.Allocations[j].Key, !before)
			}
		}
	}
}

// poolOfKeys returns a pool whose allocations have these keys, in this order.
func poolOfKeys(keys []string) *ippool.IndexedPool {
	var p ippool.Pool
	for _, key := range keys {
		a := p.Add(key)
		a.ID, a.PodRef, a.IfName = "id-"+key, "default/web-"+key, "net1"
	}
	return index(&p)
}

// parse returns the pool of a JSON text.
func parse(t *testing.T, text string) *ippool.IndexedPool {
	t.Helper()
	p, err := codec.Parse([]byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return index(p)
}

func index(p *ippool.Pool) *ippool.IndexedPool {
	var x ippool.IndexedPool
	x.Index(p)
	return &x
}
