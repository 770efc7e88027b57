package e2e

import (
	"context"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// allocate adds allocations to a pool as Whereabouts does for a pod that starts (KubernetesIPPool.Update in
// pkg/storage/kubernetes/ipam.go of Whereabouts): with a JSON Patch that requires the version that it has read.
func (s scene) allocate(t *testing.T, pool string, allocations ...allocation) {
	t.Helper()
	for _, a := range allocations {
		path := "/spec/allocations/" + a.key
		s.patchAsWhereabouts(t, pool,
			map[string]any{"op": "test", "path": path, "value": nil},
			map[string]any{"op": "add", "path": path, "value": a.fields()})
	}
}

// release removes an allocation as Whereabouts does for a pod that ends.
func (s scene) release(t *testing.T, pool, key string) {
	t.Helper()
	s.patchAsWhereabouts(t, pool, map[string]any{"op": "remove", "path": "/spec/allocations/" + key})
}

func (s scene) patchAsWhereabouts(t *testing.T, pool string, operations ...map[string]any) {
	t.Helper()
	version := s.whereabouts.mustRead(t, pool).GetResourceVersion()
	patch := append([]map[string]any{{"op": "test", "path": "/metadata/resourceVersion", "value": version}}, operations...)
	expect(t, request(t, func(ctx context.Context) error {
		_, err := s.whereabouts.patch(ctx, pool, types.JSONPatchType, patch, metav1.PatchOptions{})
		return err
	}), allowed())
}
