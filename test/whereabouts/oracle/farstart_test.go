package oracle

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"testing"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"
	wbtypes "github.com/k8snetworkplumbingwg/whereabouts/pkg/types"

	"ippool-webhook/webhook/admission"
)

// step is the start of a pod: the address that it gets, the keys of the pool afterwards, and the findings in observe and in
// enforce mode.
type step struct {
	address            string
	keys               []string
	observed, enforced []string
}

// TestWhereaboutsLosesAddressesFarFromTheFirst shows what Whereabouts does when it assigns addresses that are 2^63 or more from
// the first address of the network: it cannot read such an offset again, and from 2^64 on it writes a wrong offset. In observe
// mode, the webhook warns as soon as this is visible, and does not deny: otherwise Whereabouts would not record the address at
// all.
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
		{"an address past int64 is lost at the next write", network{Range: "fd00::/64", RangeStart: "fd00::8000:0:0:1", OverlappingRanges: true}, []step{
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
		{"addresses past uint64 are recorded as other addresses", network{Range: "fd00::/48", RangeStart: "fd00:0:0:1::1", OverlappingRanges: true}, []step{
			{"fd00:0:0:1::1", []string{"1"}, nil, nil},
			{"fd00:0:0:1::2", []string{"1", "2"}, nil, nil},
		}},
		{"an exclusion at the last address leads to the first address", network{Range: "0.0.0.0/0", RangeStart: "255.255.255.1", Exclude: []string{"255.255.255.0/24"}}, []step{
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

// TestWhereaboutsIsWarnedFarFromTheFirst runs the code of Whereabouts with histories in networks whose range_start is far from
// their first address. No request is denied, and the webhook warns about offsets that Whereabouts cannot read again.
func TestWhereaboutsIsWarnedFarFromTheFirst(t *testing.T) {
	nodes := newNodes(t, "node-a", "node-b.example")
	met := forSeeds(t, histories/4, func(hook *webhook, r *rand.Rand, met counts) error {
		h := &history{r: r, server: newServer(), network: newFarNetwork(r), nodes: nodes}
		return h.run(func(w write) error { return checkFar(hook, w, met) })
	})
	met.require(t, "writes", histories)
	met.require(t, "writes that cannot be read again", histories/2)
}

// newFarNetwork returns a network whose range_start is at least 2^62 addresses after its first address, often more than 2^63 or
// 2^64.
func newFarNetwork(r *rand.Rand) network {
	p := netip.PrefixFrom(netip.MustParseAddr("fd00::"), 48+r.IntN(17))
	from := p
	if p.Bits() < 64 && oneIn(r, 2) {
		from = netip.MustParsePrefix("fd00:0:0:1::/64")
	}
	start := addressAt(from, 1<<62|r.Uint64())
	return network{Type: "whereabouts", OverlappingRanges: oneIn(r, 2), Range: p.String(), RangeStart: start.String()}
}

// checkFar returns an error if a request of Whereabouts is denied, or if it has an unreadable offset and no warning.
func checkFar(hook *webhook, w write, met counts) error {
	w.mode = admission.Observe
	answer, err := hook.validate(w)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, w)
	}
	met["writes"]++
	if !answer.allowed {
		return fmt.Errorf("denied: %s\n%s", answer.message, w)
	}
	if !holdsUnreadable(w.object) {
		return nil
	}
	met["writes that cannot be read again"]++
	if !slices.Contains(answer.findings, "Warn offset-out-of-range") {
		return fmt.Errorf("findings %v, want a warning of offset-out-of-range\n%s", answer.findings, w)
	}
	return nil
}

// holdsUnreadable reports whether a pool has an offset past those that Whereabouts reads.
func holdsUnreadable(pool *v1alpha1.IPPool) bool {
	for key := range pool.Spec.Allocations {
		if _, err := strconv.ParseInt(key, 10, 64); err != nil {
			return true
		}
	}
	return false
}

// observe returns an admission that allows everything and records the findings of the webhook.
func observe(hook *webhook, s *step) func(object, old *v1alpha1.IPPool) error {
	return func(object, old *v1alpha1.IPPool) error {
		s.keys = nil
		for key := range object.Spec.Allocations {
			s.keys = append(s.keys, key)
		}
		slices.Sort(s.keys)
		observed, err := hook.validate(write{mode: admission.Observe, object: object, old: old})
		if err != nil {
			return err
		}
		enforced, err := hook.validate(write{mode: admission.Enforce, object: object, old: old})
		s.observed, s.enforced = observed.findings, enforced.findings
		return err
	}
}
