package oracle

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"

	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/rules"
)

// histories is the number of random histories, and events is the number of events in each history.
const (
	histories = 4_000
	events    = 24
)

// TestWhatWhereaboutsBuildsIsAccepted runs the code of Whereabouts with random histories. Its requests have only expected
// warnings, both in observe and in enforce mode, and none is normalized.
func TestWhatWhereaboutsBuildsIsAccepted(t *testing.T) {
	nodes := newNodes(t, "node-a", "node-b.example")
	met := forSeeds(t, histories, func(hook *webhook, r *rand.Rand, met counts) error {
		h := &history{r: r, server: newServer(), network: newNetwork(r), nodes: nodes}
		return h.run(func(w write) error {
			met.note(w, h)
			return checkBuilt(hook, w, expected(w, h.cleaning))
		})
	})
	met.require(t, "pools created", histories/2)
	met.require(t, "pools updated", pools)
	met.require(t, "writes to pools of IPv6", pools/4)
	met.require(t, "writes to pools of nodes", pools/50)
	met.require(t, "writes without findings", pools/2)
	met.require(t, "podref-multi-interface expected", histories)
	met.require(t, "bulk-release expected", histories/500)
	met.require(t, "allocation-edited expected", histories/10)
	met.require(t, "range-too-small expected", 1)
}

// run runs the code of Whereabouts with the events of a history, and returns the errors of check for its requests.
func (h *history) run(check func(write) error) error {
	var failures []error
	h.server.admit = func(object, old *v1alpha1.IPPool) error {
		err := check(write{object: object, old: old})
		failures = append(failures, err)
		return err
	}
	if err := h.prepare(); err != nil {
		return err
	}
	for range events {
		err := h.event()
		if err := errors.Join(append(failures, err)...); err != nil {
			return fmt.Errorf("%w\nin the network %+v", err, h.network)
		}
	}
	return nil
}

// newNodes creates a directory for each node with the files that the installation of Whereabouts writes.
func newNodes(t *testing.T, names ...string) (nodes []string) {
	t.Helper()
	for _, name := range names {
		node := filepath.Join(t.TempDir(), name)
		conf := fmt.Sprintf(`{"kubernetes":{"kubeconfig":"unused"},"configuration_path":%q}`, node)
		if err := errors.Join(
			os.Mkdir(node, 0o700),
			os.WriteFile(filepath.Join(node, "whereabouts.conf"), []byte(conf), 0o600),
			os.WriteFile(filepath.Join(node, "nodename"), []byte(name+"\n"), 0o600),
		); err != nil {
			t.Fatal(err)
		}
		nodes = append(nodes, node)
	}
	t.Setenv("NODENAME", "") // otherwise every node would have the same name
	return nodes
}

// checkBuilt returns an error if a request of Whereabouts is normalized or denied, or if it has findings of other rules than
// the expected ones.
func checkBuilt(hook *webhook, w write, expected []string) error {
	w.mode = admission.Enforce
	normalized, err := hook.normalize(w)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, w)
	}
	if normalized.object != w.object {
		return fmt.Errorf("normalized to %s\n%s", normalized, w)
	}
	for mode, action := range map[admission.Mode]rules.Action{
		admission.Enforce: rules.Warn,
		admission.Observe: rules.Audit,
	} {
		var want []string
		for _, rule := range expected {
			want = append(want, action.String()+" "+rule)
		}
		w.mode = mode
		answer, err := hook.validate(w)
		switch {
		case err != nil:
			return fmt.Errorf("%w\n%s", err, w)
		case !answer.allowed:
			return fmt.Errorf("denied in mode %s: %s\n%s", mode, answer.message, w)
		case !slices.Equal(answer.findings, want):
			return fmt.Errorf("findings in mode %s: %v, want %v\n%s", mode, answer.findings, want, w)
		}
	}
	return nil
}

// expected returns the rules that must warn about a request of Whereabouts, in order: about a restarted sandbox, the clean-up of
// most of a pool, a pod with several interfaces in the pool, and a range from which Whereabouts cannot assign any address.
func expected(w write, cleaning bool) (ids []string) {
	if restarts(w) {
		ids = append(ids, "allocation-edited")
	}
	if n, of := released(w); cleaning && (n >= 8 && 2*n > of || of >= 2 && n == of) {
		ids = append(ids, "bulk-release")
	}
	pods := map[string]bool{}
	for _, allocation := range w.object.Spec.Allocations {
		pods[allocation.PodRef] = true
	}
	if len(pods) < len(w.object.Spec.Allocations) {
		ids = append(ids, "podref-multi-interface")
	}
	if prefix, err := netip.ParsePrefix(w.object.Spec.Range); err == nil && prefix.Addr().BitLen()-prefix.Bits() < 2 {
		ids = append(ids, "range-too-small")
	}
	return ids
}

// restarts reports whether a request changes the container id of an allocation.
func restarts(w write) bool {
	if w.old == nil {
		return false
	}
	for key, before := range w.old.Spec.Allocations {
		if after, kept := w.object.Spec.Allocations[key]; kept && after.PodRef == before.PodRef && after.ContainerID != before.ContainerID {
			return true
		}
	}
	return false
}

// released returns the number of allocations that a request removes, and the number before.
func released(w write) (n, of int) {
	if w.old == nil {
		return 0, 0
	}
	for key := range w.old.Spec.Allocations {
		if _, kept := w.object.Spec.Allocations[key]; !kept {
			n++
		}
	}
	return n, len(w.old.Spec.Allocations)
}

// note counts a request of a history.
func (c counts) note(w write, h *history) {
	if w.old == nil {
		c["pools created"]++
	} else {
		c["pools updated"]++
	}
	if strings.Contains(w.object.Spec.Range, ":") {
		c["writes to pools of IPv6"]++
	}
	if h.network.NodeSliceSize != "" {
		c["writes to pools of nodes"]++
	}
	ids := expected(w, h.cleaning)
	if len(ids) == 0 {
		c["writes without findings"]++
	}
	for _, id := range ids {
		c[id+" expected"]++
	}
}
