package oracle

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"
	wbtypes "github.com/k8snetworkplumbingwg/whereabouts/pkg/types"

	"ippool-webhook/webhook/admissiontest"
)

// step is a pod that asks for an address: which one it gets, the keys that the pool has afterwards, and what the webhook
// says of the write to Whereabouts and would say to anybody else.
type step struct {
	address           string
	keys              []string
	trusted, ordinary []string
}

// TestWhereaboutsLosesAddressesFarFromTheFirst shows what Whereabouts does where it hands out addresses that are 2^63 or
// more from the network's first: it cannot read such an offset again, and from 2^64 on it writes another one. It is warned
// as soon as that can be seen, but not refused: it would not record the address at all.
func TestWhereaboutsLosesAddressesFarFromTheFirst(t *testing.T) {
	unread := []string{"Warn offset-out-of-range"}
	for _, test := range []struct {
		name    string
		network network
		steps   []step
	}{
		{"two pods get one address past int64", network{Range: "fd00::/64", RangeStart: "fd00::8000:0:0:1"}, []step{
			{"fd00::8000:0:0:1", []string{"9223372036854775809"}, unread, []string{"Deny offset-out-of-range"}},
			{"fd00::8000:0:0:1", []string{"9223372036854775809"}, []string{"Warn allocation-reassigned", "Warn offset-out-of-range"}, []string{"Deny allocation-reassigned", "Warn offset-out-of-range"}},
		}},
		{"an address past int64 is forgotten at the next write", network{Range: "fd00::/64", RangeStart: "fd00::8000:0:0:1", OverlappingRanges: true}, []step{
			{"fd00::8000:0:0:1", []string{"9223372036854775809"}, unread, []string{"Deny offset-out-of-range"}},
			{"fd00::8000:0:0:2", []string{"9223372036854775810"}, unread, []string{"Deny offset-out-of-range"}},
		}},
		{"an exclusion leads past int64", network{Range: "fd00::/64", Exclude: []string{"fd00::/65"}}, []step{
			{"fd00::8000:0:0:0", []string{"9223372036854775808"}, unread, []string{"Deny offset-out-of-range"}},
			{"fd00::8000:0:0:0", []string{"9223372036854775808"}, []string{"Warn allocation-reassigned", "Warn offset-out-of-range"}, []string{"Deny allocation-reassigned", "Warn offset-out-of-range"}},
		}},
		{"two pods get one address past uint64", network{Range: "fd00::/48", RangeStart: "fd00:0:0:1::1"}, []step{
			{"fd00:0:0:1::1", []string{"1"}, nil, nil},
			{"fd00:0:0:1::1", []string{"1"}, []string{"Warn allocation-reassigned"}, []string{"Deny allocation-reassigned"}},
		}},
		{"addresses past uint64 are recorded as others", network{Range: "fd00::/48", RangeStart: "fd00:0:0:1::1", OverlappingRanges: true}, []step{
			{"fd00:0:0:1::1", []string{"1"}, nil, nil},
			{"fd00:0:0:1::2", []string{"1", "2"}, nil, nil},
		}},
		{"an exclusion at the end of all addresses leads to the first", network{Range: "0.0.0.0/0", RangeStart: "255.255.255.1", Exclude: []string{"255.255.255.0/24"}}, []step{
			{"0.0.0.0", []string{"0"}, []string{"Audit offset-reserved"}, []string{"Warn offset-reserved"}},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.network.Type = "whereabouts"
			var got step
			h := &history{r: rand.New(rand.NewPCG(0, 0)), server: newServer(), network: test.network, nodes: newNodes(t, "node-a")}
			h.server.admit = observe(newWebhook(t), &got)
			for i, want := range test.steps {
				p := &pod{name: fmt.Sprintf("web-%d", i), node: h.nodes[0], sandbox: h.newSandbox()}
				addresses, err := h.command(wbtypes.Allocate, p, "net1")
				if err != nil {
					t.Fatal(err)
				}
				got.address = addresses[0].IP.String()
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("pod %d: got %v, want %v", i, got, want)
				}
			}
		})
	}
}

// observe returns an admission that lets everything pass and notes what the webhook says of it.
func observe(hook *webhook, s *step) func(object, old *v1alpha1.IPPool) error {
	return func(object, old *v1alpha1.IPPool) error {
		s.keys = nil
		for key := range object.Spec.Allocations {
			s.keys = append(s.keys, key)
		}
		slices.Sort(s.keys)
		trusted, err := hook.validate(write{user: admissiontest.TrustedUser, object: object, old: old})
		if err != nil {
			return err
		}
		ordinary, err := hook.validate(write{user: admissiontest.OrdinaryUser, object: object, old: old})
		s.trusted, s.ordinary = trusted.findings, ordinary.findings
		return err
	}
}
