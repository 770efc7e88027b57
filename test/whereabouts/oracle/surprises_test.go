package oracle

import (
	"fmt"
	"slices"
	"testing"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/storage/kubernetes"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ippool-webhook/webhook/admission"
)

// allocations are the allocations of a pool.
type allocations = map[string]v1alpha1.IPAllocation

// newPoolOf returns a pool with its name in the format of Whereabouts.
func newPoolOf(ipRange string, e allocations) *v1alpha1.IPPool {
	return &v1alpha1.IPPool{
		TypeMeta: metav1.TypeMeta{APIVersion: v1alpha1.SchemeGroupVersion.String(), Kind: "IPPool"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace,
			Name:      kubernetes.IPPoolName(kubernetes.PoolIdentifier{IpRange: ipRange}),
		},
		Spec: v1alpha1.IPPoolSpec{Range: ipRange, Allocations: e},
	}
}

// web returns the allocation of the n-th pod of a workload.
func web(n int) v1alpha1.IPAllocation {
	return v1alpha1.IPAllocation{ContainerID: fmt.Sprintf("%064x", n), PodRef: fmt.Sprintf("default/web-%d", n), IfName: "net1"}
}

// legacy returns web(n) as releases before ifname wrote it.
func legacy(n int) v1alpha1.IPAllocation {
	allocation := web(n)
	allocation.IfName = ""
	return allocation
}

// ownerless returns web(n) as releases before podref wrote it.
func ownerless(n int) v1alpha1.IPAllocation {
	return v1alpha1.IPAllocation{ContainerID: web(n).ContainerID}
}

// restarted returns web(n) in a new sandbox.
func restarted(n int) v1alpha1.IPAllocation {
	allocation := web(n)
	allocation.ContainerID = web(n + 1000).ContainerID
	return allocation
}

// TestLegalSurprises lists requests that look wrong but must be allowed.
func TestLegalSurprises(t *testing.T) {
	tooSmall := []string{"Warn range-too-small"} // Whereabouts itself creates such pools, but cannot assign any address from them
	const pastInt64, pastUint64 = "9223372036854775809", "18446744073709551617"
	for _, test := range []struct {
		name        string
		mode        admission.Mode
		ipRange     string
		old, object allocations // old is nil for a new pool
		want        []string
		// same means that Whereabouts reads the same before and after.
		same bool
	}{
		{name: "no-op update", ipRange: "10.0.0.0/24", old: allocations{"5": web(1)}, object: allocations{"5": web(1)}, same: true},
		{name: "no-op update of a broken pool", ipRange: "10.0.0.0/24", old: allocations{"05": web(1), "5": web(2), "300": web(1)}, object: allocations{"05": web(1), "5": web(2), "300": web(1)}, want: []string{"Warn id-duplicate", "Warn offset-alias", "Warn offset-out-of-range", "Warn offset-syntax", "Warn podref-duplicate"}, same: true},
		{name: "id alone changes", ipRange: "10.0.0.0/24", old: allocations{"5": web(1), "6": web(2)}, object: allocations{"5": restarted(1), "6": web(2)}, want: []string{"Warn allocation-edited"}},

		{name: "legacy allocations without ifname", ipRange: "10.0.0.0/24", old: allocations{"5": legacy(1)}, object: allocations{"5": legacy(1), "6": legacy(2), "7": web(3)}},
		{name: "legacy allocation gets its ifname", ipRange: "10.0.0.0/24", old: allocations{"5": legacy(1)}, object: allocations{"5": web(1)}},
		{name: "pod with a legacy allocation gets another with ifname", mode: admission.Observe, ipRange: "10.0.0.0/24", old: allocations{"5": legacy(1)}, object: allocations{"5": legacy(1), "6": web(1)}, want: []string{"Audit podref-multi-interface"}},

		{name: "allocation with empty podref in an old pool", ipRange: "10.0.0.0/24", old: allocations{"5": ownerless(1)}, object: allocations{"5": ownerless(1), "6": web(2)}, want: []string{"Warn podref-syntax"}},
		{name: "allocations with empty podref are no duplicates", ipRange: "10.0.0.0/24", old: allocations{"5": ownerless(1), "6": ownerless(2)}, object: allocations{"5": ownerless(1), "6": ownerless(2)}, want: []string{"Warn podref-syntax"}, same: true},
		{name: "allocation with empty podref is freed", ipRange: "10.0.0.0/24", old: allocations{"5": ownerless(1), "6": web(2)}, object: allocations{"6": web(2)}},
		{name: "allocation with empty podref gets its owner", ipRange: "10.0.0.0/24", old: allocations{"5": ownerless(1)}, object: allocations{"5": web(1)}},

		{name: ".0 and .255 inside a large range", ipRange: "10.0.0.0/16", old: allocations{}, object: allocations{"255": web(1), "256": web(2), "511": web(3), "65280": web(4)}},
		{name: "last byte 0 and 255 inside a large range of IPv6", ipRange: "fd00::/64", old: allocations{}, object: allocations{"255": web(1), "256": web(2), "65535": web(3), "65536": web(4)}},

		{name: "empty /31", ipRange: "10.0.0.0/31", object: allocations{}, want: tooSmall},
		{name: "empty /32", ipRange: "10.0.0.1/32", object: allocations{}, want: tooSmall},
		{name: "empty /127", ipRange: "fd00::/127", object: allocations{}, want: tooSmall},
		{name: "empty /128", ipRange: "fd00::1/128", object: allocations{}, want: tooSmall},

		{name: "both addresses of a /31", ipRange: "10.0.0.0/31", old: allocations{}, object: allocations{"0": web(1), "1": web(2)}, want: tooSmall},
		{name: "the address of a /128", ipRange: "fd00::1/128", old: allocations{}, object: allocations{"0": web(1)}, want: tooSmall},

		{name: "last offset of int64 in IPv6", ipRange: "fd00::/64", old: allocations{}, object: allocations{"9223372036854775807": web(1)}},
		{name: "Whereabouts adds an offset past int64 in IPv6", mode: admission.Observe, ipRange: "fd00::/64", old: allocations{}, object: allocations{pastInt64: web(1)}, want: []string{"Warn offset-out-of-range"}},
		{name: "offset past int64 in IPv6 stays", ipRange: "fd00::/64", old: allocations{pastInt64: web(1)}, object: allocations{pastInt64: web(1), "1": web(2)}, want: []string{"Warn offset-out-of-range"}},
		{name: "offset past uint64 in IPv6 stays", ipRange: "fd00::/48", old: allocations{pastUint64: web(1)}, object: allocations{pastUint64: web(1), "1": web(2)}, want: []string{"Warn offset-out-of-range"}},
		{name: "offset past int64 in IPv6 goes", ipRange: "fd00::/64", old: allocations{pastInt64: web(1)}, object: allocations{"1": web(2)}},

		{name: "key normalized from 05 to 5", ipRange: "10.0.0.0/24", old: allocations{"05": web(1)}, object: allocations{"5": web(1)}, same: true},
		{name: "key normalized from +5 to 5", ipRange: "fd00::/64", old: allocations{"+5": web(1), "6": web(2)}, object: allocations{"5": web(1), "6": web(2)}, same: true},
		{name: "key past the range normalized", ipRange: "10.0.0.0/24", old: allocations{"0300": web(1)}, object: allocations{"300": web(1)}, want: []string{"Warn offset-out-of-range"}, same: true},
		{name: "key normalized and restarted", ipRange: "10.0.0.0/24", old: allocations{"05": web(1)}, object: allocations{"5": restarted(1)}, want: []string{"Warn allocation-edited"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := write{mode: test.mode, object: newPoolOf(test.ipRange, test.object)}
			if test.old != nil {
				w.old = newPoolOf(test.ipRange, test.old)
			}
			answer, err := newWebhook(t).validate(w)
			if err != nil {
				t.Fatal(err)
			}
			if !answer.allowed || !slices.Equal(answer.findings, test.want) {
				t.Errorf("allowed: %t, findings %v; want allowed, findings %v: %s", answer.allowed, answer.findings, test.want, answer.message)
			}
			if test.same {
				wantSameReading(t, w)
			}
		})
	}
}

// wantSameReading fails the test if a request changes the allocations that Whereabouts reads.
func wantSameReading(t *testing.T, w write) {
	t.Helper()
	before, err := read(w.old)
	if err != nil {
		t.Fatal(err)
	}
	after, err := read(w.object)
	if err != nil {
		t.Fatal(err)
	}
	if before != after {
		t.Errorf("Whereabouts reads\n%s\nwant\n%s", after, before)
	}
}
