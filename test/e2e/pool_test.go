package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// idPrefix is the prefix of every container id of these tests, so that an id in the output of the webhook is found.
const idPrefix = "1ea4ed1ea4ed1ea4"

// allocation is an allocation of a pool, with its key.
type allocation struct{ key, id, podref, ifname string }

// at returns a valid allocation.
func at(key, podref string) allocation {
	hash := sha256.Sum256([]byte(key + " " + podref))
	return allocation{key: key, id: idPrefix + hex.EncodeToString(hash[:])[len(idPrefix):], podref: podref, ifname: "net1"}
}

func (a allocation) on(ifname string) allocation {
	a.ifname = ifname
	return a
}

// under returns the allocation of the same owner with another key.
func (a allocation) under(key string) allocation {
	a.key = key
	return a
}

func (a allocation) in(containerID string) allocation {
	a.id = containerID
	return a
}

// fields returns the allocation as JSON fields.
func (a allocation) fields() map[string]any {
	fields := map[string]any{"id": a.id, "podref": a.podref}
	if a.ifname != "" {
		fields["ifname"] = a.ifname
	}
	return fields
}

// newPool returns a pool with its name in the format of Whereabouts.
func newPool(cidr string, allocations ...allocation) *unstructured.Unstructured {
	items := map[string]any{}
	for _, a := range allocations {
		items[a.key] = a.fields()
	}
	return bare(poolName(cidr), map[string]any{"range": cidr, "allocations": items})
}

// bare returns a pool with this spec.
func bare(name string, spec map[string]any) *unstructured.Unstructured {
	pool := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "whereabouts.cni.cncf.io/v1alpha1", "kind": "IPPool", "metadata": map[string]any{"name": name},
	}}
	if spec != nil {
		pool.Object["spec"] = spec
	}
	return pool
}

func poolName(cidr string) string {
	return strings.NewReplacer(":", "-", "/", "-").Replace(strings.ToLower(strings.TrimSpace(cidr)))
}

// with returns a copy of pool after a change.
func with(pool *unstructured.Unstructured, change func(*unstructured.Unstructured)) *unstructured.Unstructured {
	pool = pool.DeepCopy()
	change(pool)
	return pool
}

// deletable returns a copy of pool with the annotation that allows its deletion while it is in use.
func deletable(pool *unstructured.Unstructured) *unstructured.Unstructured {
	return with(pool, func(p *unstructured.Unstructured) {
		annotations := maps.Clone(p.GetAnnotations())
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations["ippool-webhook/allow-delete"] = "true"
		p.SetAnnotations(annotations)
	})
}

// named returns a copy of pool with another name.
func named(pool *unstructured.Unstructured, name string) *unstructured.Unstructured {
	return with(pool, func(p *unstructured.Unstructured) { p.SetName(name) })
}
