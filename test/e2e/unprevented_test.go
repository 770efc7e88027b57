package e2e

import (
	"bytes"
	"context"
	"os"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// These tests show what the webhook cannot prevent, and what helps instead, as docs/install.md describes.

// TestFinalizerOutlivesEmptiness deletes a pool while the deletion is allowed. A finalizer keeps it until it is in use again.
// Each step must be allowed: if finalizers could not be removed, neither the pool nor its namespace could be deleted.
func TestFinalizerOutlivesEmptiness(t *testing.T) {
	web0, web1 := at("1", "default/web-0"), at("2", "default/web-1")
	for _, test := range []struct {
		name string
		pool *unstructured.Unstructured
	}{
		{"empty pool", newPool("10.0.0.0/24")},
		{"annotated pool", deletable(newPool("10.0.0.0/24", web0))},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			name := test.pool.GetName()
			s.whereabouts.store(t, test.pool)
			expect(t, s.jane.patchMetadata(t, name, map[string]any{"finalizers": []any{hold}}), allowed())
			expect(t, s.jane.delete(t, name), allowed())

			s.allocate(t, name, web1) // the pool still exists for Whereabouts
			if got := s.whereabouts.mustRead(t, name); got.GetDeletionTimestamp() == nil {
				t.Error("the pool is not being deleted")
			}
			expect(t, s.jane.removeFinalizers(t, name), allowed())
			expectStored(t, s, name, nil)
		})
	}
}

// TestOwnerReference sets an owner that does not exist on a pool in use. Then the garbage collector deletes the pool; here a
// client with its user name does the same.
func TestOwnerReference(t *testing.T) {
	s := newScene(t)
	pool := newPool("10.0.0.0/24", at("1", "default/web-0"))
	stored := s.whereabouts.store(t, pool)
	expect(t, s.jane.patchMetadata(t, pool.GetName(), map[string]any{"ownerReferences": []any{map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "name": "gone", "uid": "c0ffee00-0000-4000-8000-000000000000",
	}}}), allowed())

	user, err := suite.User(t.Context(), "system:serviceaccount:kube-system:generic-garbage-collector", "system:serviceaccounts")
	if err != nil {
		t.Fatal(err)
	}
	collector := newClient(t, user, s.jane.namespace)
	uid, policy := stored.GetUID(), metav1.DeletePropagationBackground
	expect(t, request(t, func(ctx context.Context) error {
		return collector.Delete(ctx, pool.GetName(), metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid}, PropagationPolicy: &policy})
	}), allowed(asWarnings(inUse(s.jane.namespace, oneInUse))...))
	expectStored(t, s, pool.GetName(), nil)
}

// TestBackup restores a deleted pool from the output of kubectl get.
func TestBackup(t *testing.T) {
	s := newSession(t, manifest{pool: "10.0.0.0-24", spec: specText(t, newPool("10.0.0.0/24", at("1", "default/web-0"), at("2", "default/web-1")))})
	s.expectRun(t, "created", nil, "create")
	out, err := suite.jane.RunKubectl(t.Context(), s.kubectl, "get", "ippools", "--namespace", s.jane.namespace, "-o", "yaml")
	if err != nil {
		t.Fatal(err)
	}
	backup, ok := bytes.CutSuffix(out, []byte("(exit code 0)\n"))
	if !ok {
		t.Fatalf("kubectl get: %s", out)
	}
	if err := os.WriteFile(s.file, backup, 0o600); err != nil {
		t.Fatal(err)
	}
	s.remove(t, s.pool)
	s.expectRun(t, "created", nil, "create")
}

// patchMetadata changes fields of metadata, and nothing else.
func (c *client) patchMetadata(t *testing.T, name string, fields map[string]any) answer {
	t.Helper()
	return request(t, func(ctx context.Context) error {
		_, err := c.patch(ctx, name, types.MergePatchType, map[string]any{"metadata": fields}, metav1.PatchOptions{})
		return err
	})
}
