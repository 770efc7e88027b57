package ippool_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ippool-webhook/webhook/ippool"
)

// shared is a Groups, told by keys.
type shared struct {
	Shared bool
	// First leads from each key to that of the first in its group, unless that is itself; Other to that of FirstOther.
	First, Other map[string]string
}

func TestGroups(t *testing.T) {
	const text = `{"spec":{"allocations":{
		"10": {"id":"a","podref":"default/web-0","ifname":"net1"},
		"2":  {"id":"a","podref":"default/web-0","ifname":"net1"},
		"3":  {"id":"a","podref":"default/web-0","ifname":"net2"},
		"4":  {"id":"b","podref":"default/web-0"},
		"05": {"id":"b","podref":"default/web-1","ifname":""},
		"5":  {"id":"","podref":"","ifname":"net1"},
		"+5": {"id":"","podref":"","ifname":"net1"},
		"x":  {"id":"c","podref":"default/web-2","ifname":"net1"},
		"y":  {"id":"d","podref":"default/web-2","ifname":"net1"}
	}}}`
	for _, test := range []struct {
		name string
		by   ippool.Identity
		want shared
	}{
		{
			"ByOffset", ippool.SameOffset,
			shared{true, map[string]string{"05": "5", "+5": "5"}, map[string]string{"05": "05", "5": "05", "+5": "05"}},
		},
		{
			"ByPodRef", ippool.SamePod,
			shared{
				true, map[string]string{"10": "2", "3": "2", "4": "2", "y": "x"},
				map[string]string{"10": "3", "2": "3", "3": "3", "4": "3"},
			},
		},
		{
			"ByPodInterface", ippool.SamePodInterface,
			shared{true, map[string]string{"10": "2", "y": "x"}, map[string]string{}},
		},
		{
			"ByContainerInterface", ippool.SameContainerInterface,
			shared{true, map[string]string{"10": "2", "05": "4"}, map[string]string{}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := parse(t, text)
			if diff := cmp.Diff(test.want, sharedOf(p, p.By(test.by))); diff != "" {
				t.Errorf("groups (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.want, sharedOf(p, p.By(test.by))); diff != "" {
				t.Errorf("groups of the second call (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFirstOther covers groups whose members come in another order than that of their offsets.
func TestFirstOther(t *testing.T) {
	p := parse(t, `{"spec":{"allocations":{
		"2": {"podref":"default/web-0","ifname":"net2"},
		"1": {"podref":"default/web-0","ifname":"net1"},
		"3": {"podref":"default/web-0","ifname":"net3"},
		"30": {"podref":"default/web-1","ifname":"net3"},
		"20": {"podref":"default/web-1","ifname":"net2"},
		"10": {"podref":"default/web-1","ifname":"net1"}
	}}}`)
	want := shared{
		true, map[string]string{"2": "1", "3": "1", "20": "10", "30": "10"},
		map[string]string{"1": "2", "2": "2", "3": "2", "10": "20", "20": "20", "30": "20"},
	}
	if diff := cmp.Diff(want, sharedOf(p, p.By(ippool.SamePod))); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}

func TestGroupsOfNothingShared(t *testing.T) {
	p := parse(t, `{"spec":{"allocations":{
		"1": {"id":"a","podref":"default/web-0","ifname":"net1"},
		"2": {"id":"","podref":"","ifname":""},
		"3": {"id":"","podref":"","ifname":""},
		"x": {"id":"anet1","podref":"default/web-0net1","ifname":""},
		"y": {"id":"b","podref":"default/web-1","ifname":"net1"}
	}}}`)
	for name, groups := range map[string]*ippool.Groups{
		"ByOffset": p.By(ippool.SameOffset), "ByPodRef": p.By(ippool.SamePod), "ByPodInterface": p.By(ippool.SamePodInterface), "ByContainerInterface": p.By(ippool.SameContainerInterface),
	} {
		want := shared{First: map[string]string{}, Other: map[string]string{}}
		if diff := cmp.Diff(want, sharedOf(p, groups)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func sharedOf(p *ippool.IndexedPool, g *ippool.Groups) shared {
	told := shared{Shared: g.Shared(), First: map[string]string{}, Other: map[string]string{}}
	for i := range p.Allocations {
		key := p.Allocations[i].Key
		if first := g.First(i); first != i {
			told.First[key] = p.Allocations[first].Key
		}
		if other := g.FirstOther(i); other != -1 {
			told.Other[key] = p.Allocations[other].Key
		}
	}
	return told
}
