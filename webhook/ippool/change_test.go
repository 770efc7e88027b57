package ippool_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ippool-webhook/webhook/ippool"
)

func TestChange(t *testing.T) {
	type change struct {
		Kept    map[string]string
		Removed int
	}
	var c ippool.Change // reused, so that nothing of one change may show in the next
	for _, test := range []struct {
		name     string
		old, new []string
		want     change
	}{
		{"nothing", nil, nil, change{map[string]string{}, 0}},
		{"same keys", []string{"1", "2"}, []string{"1", "2"}, change{map[string]string{"1": "1", "2": "2"}, 0}},
		{"first added", []string{"2"}, []string{"1", "2"}, change{map[string]string{"2": "2"}, 0}},
		{"middle added", []string{"1", "3"}, []string{"1", "2", "3"}, change{map[string]string{"1": "1", "3": "3"}, 0}},
		{"first removed", []string{"1", "2", "3"}, []string{"2", "3"}, change{map[string]string{"2": "2", "3": "3"}, 1}},
		{"last removed", []string{"1", "2"}, []string{"1"}, change{map[string]string{"1": "1"}, 1}},
		{"all removed", []string{"1", "2"}, nil, change{map[string]string{}, 2}},
		{"all replaced", []string{"1", "2"}, []string{"3", "4"}, change{map[string]string{}, 2}},
		{"other order", []string{"1", "2", "3"}, []string{"3", "1", "2"}, change{map[string]string{"1": "1", "2": "2", "3": "3"}, 0}},
		{"respelled", []string{"05", "6"}, []string{"5", "+6"}, change{map[string]string{"05": "5", "6": "+6"}, 0}},
		{"alias removed", []string{"05", "5"}, []string{"5"}, change{map[string]string{"5": "5"}, 1}},
		{"canonical key removed", []string{"05", "5"}, []string{"05"}, change{map[string]string{"05": "05"}, 1}},
		{"one of two aliases respelled", []string{"+5", "05"}, []string{"+5", "5"}, change{map[string]string{"+5": "+5", "05": "5"}, 0}},
		// Allocations have the podrefs web-0, web-1 and so on, in the order of their keys.
		{"two keys become one, of the first one's pod", []string{"005", "05"}, []string{"5"}, change{map[string]string{"005": "5"}, 1}},
		{"two keys become one, of the second one's pod", []string{"005", "05"}, []string{"9", "5"}, change{map[string]string{"05": "5"}, 1}},
		{"two keys become one, of another pod", []string{"005", "05"}, []string{"8", "9", "5"}, change{map[string]string{"05": "5"}, 1}},
		{"three keys become one", []string{"+05", "005", "05"}, []string{"9", "5"}, change{map[string]string{"005": "5"}, 2}},
		{"alias added", []string{"5"}, []string{"05", "5"}, change{map[string]string{"5": "5"}, 0}},
		{"no number", []string{"web-0", "web-1"}, []string{"web-1"}, change{map[string]string{"web-1": "web-1"}, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			old, updated := poolOfKeys(t, test.old), poolOfKeys(t, test.new)
			c.Compare(old, updated)
			if c.Old != old || c.New != updated {
				t.Error("the pools are others than those compared")
			}
			if len(c.Kept) != len(old.Allocations) {
				t.Fatalf("%d allocations of the old pool are told, want %d", len(c.Kept), len(old.Allocations))
			}
			got := change{map[string]string{}, c.Removed}
			for i, kept := range c.Kept {
				if kept >= 0 {
					got.Kept[old.Allocations[i].Key] = updated.Allocations[kept].Key
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("change (-want +got):\n%s", diff)
			}
		})
	}
}
