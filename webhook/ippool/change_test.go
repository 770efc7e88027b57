package ippool_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ippool-webhook/webhook/ippool"
)

// TestChange expects of each allocation which one of the other pool is at its offset.
func TestChange(t *testing.T) {
	type change struct {
		Before, After map[string]string // by key; nothing for an allocation without one
		Old, Removed  int
	}
	type keys = map[string]string
	var c ippool.Change // reused, so that nothing of one change may show in the next
	for _, test := range []struct {
		name     string
		old, new []string
		want     change
	}{
		{"nothing", nil, nil, change{keys{}, keys{}, 0, 0}},
		{"same keys", []string{"1", "2"}, []string{"1", "2"}, change{keys{"1": "1", "2": "2"}, keys{"1": "1", "2": "2"}, 2, 0}},
		{"first added", []string{"2"}, []string{"1", "2"}, change{keys{"2": "2"}, keys{"2": "2"}, 1, 0}},
		{"middle added", []string{"1", "3"}, []string{"1", "2", "3"}, change{keys{"1": "1", "3": "3"}, keys{"1": "1", "3": "3"}, 2, 0}},
		{"first removed", []string{"1", "2", "3"}, []string{"2", "3"}, change{keys{"2": "2", "3": "3"}, keys{"2": "2", "3": "3"}, 3, 1}},
		{"last removed", []string{"1", "2"}, []string{"1"}, change{keys{"1": "1"}, keys{"1": "1"}, 2, 1}},
		{"all removed", []string{"1", "2"}, nil, change{keys{}, keys{}, 2, 2}},
		{"all replaced", []string{"1", "2"}, []string{"3", "4"}, change{keys{}, keys{}, 2, 2}},
		{"other order", []string{"1", "2"}, []string{"2", "1"}, change{keys{"1": "1", "2": "2"}, keys{"1": "1", "2": "2"}, 2, 0}},
		{"keys corrected", []string{"05", "6"}, []string{"5", "+6"}, change{keys{"5": "05", "+6": "6"}, keys{"05": "5", "6": "+6"}, 2, 0}},
		{"alias removed", []string{"05", "5"}, []string{"5"}, change{keys{"5": "5"}, keys{"05": "5", "5": "5"}, 1, 0}},
		{"alias added", []string{"5"}, []string{"05", "5"}, change{keys{"05": "5", "5": "5"}, keys{"5": "5"}, 1, 0}},
		{"offset of two aliases removed", []string{"05", "5", "6"}, []string{"6"}, change{keys{"6": "6"}, keys{"6": "6"}, 2, 1}},
		{"one of two aliases corrected", []string{"+5", "05"}, []string{"+5", "5"}, change{keys{"+5": "+5", "5": "+5"}, keys{"+5": "+5", "05": "5"}, 1, 0}},
		{"past int64", []string{"099999999999999999999"}, []string{"99999999999999999999"}, change{keys{"99999999999999999999": "099999999999999999999"}, keys{"099999999999999999999": "99999999999999999999"}, 1, 0}},
		{"not a number", []string{"web-0", "web-1"}, []string{"web-1", "web-2"}, change{keys{"web-1": "web-1"}, keys{"web-1": "web-1"}, 2, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			old, updated := poolOfKeys(test.old), poolOfKeys(test.new)
			c.Compare(old, updated)
			got := change{Before: keys{}, After: keys{}}
			got.Old, got.Removed = c.Offsets()
			for i := range updated.Allocations {
				if before := c.Before(i); before >= 0 {
					got.Before[updated.Allocations[i].Key] = old.Allocations[before].Key
				}
			}
			for i := range old.Allocations {
				if after := c.After(i); after >= 0 {
					got.After[old.Allocations[i].Key] = updated.Allocations[after].Key
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("change (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOwners checks which pods lost their allocations and which moved.
func TestOwners(t *testing.T) {
	type owners struct {
		Taken, Moved map[string]string // from the key in the new pool to that in the old one
	}
	const (
		a  = `{"id":"a","podref":"default/web-0","ifname":"net1"}`
		a2 = `{"id":"a","podref":"default/web-0","ifname":"net2"}`
		b  = `{"id":"b","podref":"default/web-1","ifname":"net1"}`
		no = `{"podref":"default/web-0","ifname":"net1"}`
		x  = `{"id":"x","podref":"web-0"}`
		v1 = `{"id":"v","podref":"vms/a","ipamclaimref":"vms/one"}`
		v2 = `{"id":"w","podref":"vms/b","ipamclaimref":"vms/one"}`
		v3 = `{"id":"w","podref":"vms/b","ipamclaimref":"vms/two"}`
	)
	var c ippool.Change
	for _, test := range []struct {
		name, old, new string
		want           owners
	}{
		{"nothing", `"1":` + a, `"1":` + a, owners{}},
		{"replaced", `"1":` + a, `"1":` + b, owners{Taken: map[string]string{"1": "1"}}},
		{"replaced under another key", `"01":` + a, `"1":` + b, owners{Taken: map[string]string{"1": "01"}}},
		{"replaced, not a pod's", `"1":` + x, `"1":` + b, owners{}},
		{"one of two aliases kept", `"1":` + a + `,"01":` + b, `"1":` + b, owners{}},
		{"two aliases, replaced", `"01":` + a + `,"001":` + b, `"1":` + x, owners{Taken: map[string]string{"1": "01"}}},
		{"alias added", `"1":` + a, `"1":` + a + `,"01":` + b, owners{Taken: map[string]string{"01": "1"}}},
		{"alias added for the same pod", `"1":` + a, `"1":` + a + `,"01":` + a2, owners{}},
		{"alias replaced beside the owner", `"1":` + a + `,"01":` + a, `"1":` + a + `,"01":` + b, owners{Taken: map[string]string{"01": "1"}}},
		{"alias that names no pod corrected beside the owner", `"1":` + a + `,"01":` + x, `"1":` + a + `,"01":` + b, owners{Taken: map[string]string{"01": "1"}}},
		{"claim", `"1":` + v1, `"1":` + v2, owners{}},
		{"another claim", `"1":` + v1, `"1":` + v3, owners{Taken: map[string]string{"1": "1"}}},
		{"claim of one of two aliases", `"1":` + v1 + `,"01":` + b, `"1":` + v2 + `,"01":` + v2, owners{Taken: map[string]string{"1": "1", "01": "1"}}},
		{"moved", `"1":` + a, `"9":` + a, owners{Moved: map[string]string{"9": "1"}}},
		{"swapped", `"1":` + a + `,"2":` + b, `"1":` + b + `,"2":` + a, owners{Taken: map[string]string{"1": "1", "2": "2"}, Moved: map[string]string{"1": "2", "2": "1"}}},
		{"copied", `"1":` + a, `"1":` + a + `,"9":` + a, owners{}},
		{"another interface", `"1":` + a, `"9":` + a2, owners{}},
		{"without an id", `"1":` + no, `"9":` + no, owners{}},
		{"key corrected", `"01":` + a, `"1":` + a, owners{}},
		{"unreadable key corrected", `"one":` + a, `"1":` + a, owners{}},
		{"to an unreadable key", `"1":` + a, `"one":` + a, owners{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			old := parse(t, `{"spec":{"range":"10.0.0.0/24","allocations":{`+test.old+`}}}`)
			updated := parse(t, `{"spec":{"range":"10.0.0.0/24","allocations":{`+test.new+`}}}`)
			c.Compare(old, updated)
			var got owners
			note := func(into *map[string]string, i, from int) {
				if from < 0 {
					return
				}
				if *into == nil {
					*into = map[string]string{}
				}
				(*into)[updated.Allocations[i].Key] = old.Allocations[from].Key
			}
			for i := range updated.Allocations {
				note(&got.Taken, i, c.TakenFrom(i))
				note(&got.Moved, i, c.MovedFrom(i))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("owners (-want +got):\n%s", diff)
			}
		})
	}
}
