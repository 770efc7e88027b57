package e2e

import (
	"context"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// badPool returns the allocations of an older pool: an offset outside of the range, a key that is not an offset, and a pod with
// two addresses.
func badPool() []allocation {
	return []allocation{
		at("1", "default/web-0"),
		at("2", "default/web-0"),
		at("300", "default/web-1"),
		at("gateway", "default/web-2"),
	}
}

const (
	duplicatePod = `spec.allocations[2].podref: Duplicate value: "default/web-0": interface "net1" of this pod already has the allocation at offset 1; remove one of the two (rule podref-duplicate)`
	outside300   = `spec.allocations[300]: Invalid value: "300": must be at most 255, the last offset that Whereabouts can use in 10.0.0.0/24 (rule offset-out-of-range)`
	outside301   = `spec.allocations[301]: Invalid value: "301": must be at most 255, the last offset that Whereabouts can use in 10.0.0.0/24 (rule offset-out-of-range)`
	gatewayKey   = `spec.allocations[gateway]: Invalid value: "gateway": must be a decimal offset without sign, white space or leading zeros, such as "5" (rule offset-syntax)`
)

// TestRatchet checks that earlier findings can stay and can be corrected, and that new findings are denied.
func TestRatchet(t *testing.T) {
	bad := badPool()
	for _, step := range []struct {
		about  string
		after  *unstructured.Unstructured
		denied []string
		warned []string
	}{
		{
			about: "remove every bad allocation",
			after: newPool("10.0.0.0/24", bad[0]),
		},
		{
			about:  "remove one bad allocation",
			after:  newPool("10.0.0.0/24", bad[0], bad[2], bad[3]),
			warned: []string{outside300, gatewayKey},
		},
		{
			about:  "remove a good allocation",
			after:  newPool("10.0.0.0/24", bad[1], bad[2], bad[3]),
			warned: []string{outside300, gatewayKey},
		},
		{
			about:  "add a good allocation",
			after:  newPool("10.0.0.0/24", append(bad, at("3", "default/web-3"))...),
			warned: []string{duplicatePod, outside300, gatewayKey},
		},
		{
			about:  "add a bad allocation",
			after:  newPool("10.0.0.0/24", append(bad, at("301", "default/web-3"))...),
			denied: []string{outside301},
			warned: []string{duplicatePod, outside300, gatewayKey},
		},
		{
			about: "make a bad allocation worse",
			after: newPool("10.0.0.0/24", bad[0], bad[1], at("300", ""), bad[3]),
			denied: []string{
				`spec.allocations[300].podref: Required value: must be <namespace>/<pod name>, such as default/web-0 (rule podref-syntax)`,
				`spec.allocations[300].podref: Invalid value: "": must stay default/web-1, which has this address; delete that pod and remove the allocation first (rule allocation-reassigned)`,
			},
			warned: []string{duplicatePod, outside300, gatewayKey},
		},
		{
			about: "change labels", // the webhook is not called
			after: with(newPool("10.0.0.0/24", bad...), func(p *unstructured.Unstructured) { p.SetLabels(map[string]string{"team": "network"}) }),
		},
	} {
		t.Run(step.about, func(t *testing.T) {
			s := newScene(t)
			stored := s.whereabouts.store(t, newPool("10.0.0.0/24", bad...))
			want := allowed(step.warned...)
			if len(step.denied) > 0 {
				want.Status = denied(usersWebhook, step.after.GetName(), step.denied...).Status
			}
			expect(t, s.jane.update(t, step.after), want)
			if len(step.denied) > 0 {
				expectStored(t, s, step.after.GetName(), stored)
			} else {
				expectSpec(t, s, step.after)
			}
		})
	}
}

// TestRatchetOfAliases checks that one of several keys of an offset can be kept or corrected, and that no key can be added.
func TestRatchetOfAliases(t *testing.T) {
	web0, web1 := at("5", "default/web-0"), at("05", "default/web-1")
	const (
		leadingZero = `spec.allocations[05]: Invalid value: "05": must be a decimal offset without sign, white space or leading zeros, such as "5" (rule offset-syntax)`
		alias       = `spec.allocations[05]: Duplicate value: "05": has the same offset as key "5"; remove one of the two (rule offset-alias)`
	)
	for _, step := range []struct {
		name           string
		before, after  []allocation
		denied, warned []string
	}{
		{name: "keep the canonical key", before: []allocation{web0, web1}, after: []allocation{web0}},
		{name: "keep the other one under the canonical key", before: []allocation{web0, web1}, after: []allocation{web1.under("5")}},
		{
			name: "correct one of two keys", before: []allocation{web0.under("+5"), web1}, after: []allocation{web0, web1},
			warned: []string{leadingZero, alias},
		},
		{
			name: "replace the pod of one of two keys", before: []allocation{web0, web1}, after: []allocation{web0, at("05", "default/web-2")},
			denied: []string{
				alias,
				`spec.allocations[05].podref: Invalid value: "default/web-2": must stay default/web-0, which has this address; delete that pod and remove the allocation first (rule allocation-reassigned)`,
			},
			warned: []string{leadingZero},
		},
		{
			name: "bring a third key", before: []allocation{web0, web1}, after: []allocation{web0, web1, at("+5", "default/web-2")},
			denied: []string{
				`spec.allocations[+5]: Invalid value: "+5": must be a decimal offset without sign, white space or leading zeros, such as "5" (rule offset-syntax)`,
				`spec.allocations[+5]: Duplicate value: "+5": has the same offset as key "5"; remove one of the two (rule offset-alias)`,
				`spec.allocations[+5].podref: Invalid value: "default/web-2": must stay default/web-0, which has this address; delete that pod and remove the allocation first (rule allocation-reassigned)`,
				alias,
			},
			warned: []string{leadingZero},
		},
	} {
		t.Run(step.name, func(t *testing.T) {
			s := newScene(t)
			stored := s.whereabouts.store(t, newPool("10.0.0.0/24", step.before...))
			after := newPool("10.0.0.0/24", step.after...)
			want := allowed(step.warned...)
			if len(step.denied) > 0 {
				want.Status = denied(usersWebhook, after.GetName(), step.denied...).Status
			}
			expect(t, s.jane.update(t, after), want)
			if len(step.denied) > 0 {
				expectStored(t, s, after.GetName(), stored)
			} else {
				expectSpec(t, s, after)
			}
		})
	}
}

// TestFinalizerOfBadPool checks that a controller can remove its finalizer from a pool with findings while the spec does not
// change.
func TestFinalizerOfBadPool(t *testing.T) {
	s := newScene(t)
	pool := newPool("10.0.0.0/24", badPool()...)
	pool.SetFinalizers([]string{"example.com/hold"})
	s.whereabouts.store(t, pool)
	expect(t, s.jane.update(t, with(pool, func(p *unstructured.Unstructured) { p.SetFinalizers(nil) })), allowed())
	expect(t, request(t, func(ctx context.Context) error {
		return s.whereabouts.Delete(ctx, pool.GetName(), metav1.DeleteOptions{})
	}), allowed(asWarnings(inUse(s.jane.namespace,
		"4 allocations are in use (default/web-0, default/web-1, default/web-2); Whereabouts would assign their addresses to other pods"))...))
}
