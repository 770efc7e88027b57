package doctor

import (
	"context"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/webhook/ippool"
)

// maxNamed is the maximum number of objects that a message names.
const maxNamed = 3

// readPools reads the metadata of all pools.
func readPools(ctx context.Context, c client.Reader) read[*metav1.PartialObjectMetadataList] {
	pools := &metav1.PartialObjectMetadataList{}
	pools.SetGroupVersionKind(schema.GroupVersionKind{Group: ippool.Group, Version: ippool.Version, Kind: ippool.Kind + "List"})
	return list(ctx, c, pools, access{group: ippool.Group, resource: ippool.Resource})
}

// checkPools reports finalizers of pools. A finalizer lets a user delete a pool in use: the API server deletes the pool when the last
// finalizer is removed, which is an update of metadata to the webhook.
func checkPools(c *cluster) verdict {
	switch {
	case c.pools.missing():
		return notChecked(Fail, "the API server has no kind "+ippool.Kind, "crd")
	case c.pools.err != nil:
		return verdict{problems: []problem{c.pools.problem()}}
	}
	var v verdict
	var held []string
	for _, pool := range c.pools.value.Items {
		if len(pool.Finalizers) > 0 {
			held = append(held, fmt.Sprintf("%s/%s (%s)", pool.Namespace, pool.Name, strings.Join(pool.Finalizers, ", ")))
		}
	}
	if len(held) > 0 {
		v.warn(firstOf(held)+" can be deleted with allocations: the webhook cannot deny the removal of a finalizer", removeFinalizers)
	}
	v.passed = fmt.Sprintf("%d pools have no finalizers", len(c.pools.value.Items))
	return v
}

// firstOf lists the first items, and the number of the others.
func firstOf(items []string) string {
	if more := len(items) - maxNamed; more > 0 {
		return strings.Join(items[:maxNamed], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(items, ", ")
}

// poolNamespace returns the namespace with the most pools, the first by name of several, or kube-system, the default of Whereabouts.
func poolNamespace(pools read[*metav1.PartialObjectMetadataList]) string {
	counts := map[string]int{}
	for _, pool := range pools.value.Items {
		counts[pool.Namespace]++
	}
	namespace := metav1.NamespaceSystem
	for name, n := range counts {
		if most := counts[namespace]; n > most || n == most && name < namespace {
			namespace = name
		}
	}
	return namespace
}
