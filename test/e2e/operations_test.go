package e2e

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// verb is a way to write an allocation into pool 10.0.0.0/24.
type verb struct {
	name    string
	creates bool // the pool too
	write   func(ctx context.Context, c *client, a allocation, dryRun []string) (*unstructured.Unstructured, error)
}

func verbs() []verb {
	const name = "10.0.0.0-24"
	return []verb{
		{"create", true, func(ctx context.Context, c *client, a allocation, dryRun []string) (*unstructured.Unstructured, error) {
			return c.Create(ctx, newPool("10.0.0.0/24", a), metav1.CreateOptions{DryRun: dryRun})
		}},
		{"apply that creates", true, applyEntry},
		{"apply", false, applyEntry},
		{"PUT", false, func(ctx context.Context, c *client, a allocation, dryRun []string) (*unstructured.Unstructured, error) {
			return c.put(ctx, newPool("10.0.0.0/24", at("1", "default/web-0"), a), metav1.UpdateOptions{DryRun: dryRun})
		}},
		{"JSON patch", false, func(ctx context.Context, c *client, a allocation, dryRun []string) (*unstructured.Unstructured, error) {
			patch := []any{map[string]any{"op": "add", "path": "/spec/allocations/" + a.key, "value": a.fields()}}
			return c.patch(ctx, name, types.JSONPatchType, patch, metav1.PatchOptions{DryRun: dryRun})
		}},
		{"merge patch", false, func(ctx context.Context, c *client, a allocation, dryRun []string) (*unstructured.Unstructured, error) {
			patch := map[string]any{"spec": map[string]any{"allocations": map[string]any{a.key: a.fields()}}}
			return c.patch(ctx, name, types.MergePatchType, patch, metav1.PatchOptions{DryRun: dryRun})
		}},
	}
}

func applyEntry(ctx context.Context, c *client, a allocation, dryRun []string) (*unstructured.Unstructured, error) {
	pool := newPool("10.0.0.0/24", a)
	return c.patch(ctx, pool.GetName(), types.ApplyPatchType, pool.Object, metav1.PatchOptions{DryRun: dryRun, FieldManager: "jane"})
}

func (c *client) patch(ctx context.Context, name string, kind types.PatchType, patch any, o metav1.PatchOptions) (*unstructured.Unstructured, error) {
	text, err := json.Marshal(patch)
	if err != nil {
		return nil, err
	}
	return c.Patch(ctx, name, kind, text, o)
}

// TestVerbs checks that all requests that write are validated, warned about and normalized in the same way. A dry run stores
// nothing.
func TestVerbs(t *testing.T) {
	for _, v := range verbs() {
		dryRun := []string{metav1.DryRunAll}
		t.Run(v.name+"/denied", func(t *testing.T) { v.testDenied(t, nil) })
		t.Run(v.name+"/denied dry run", func(t *testing.T) { v.testDenied(t, dryRun) })
		t.Run(v.name+"/warned and normalized", func(t *testing.T) { v.testNormalized(t, nil) })
		t.Run(v.name+"/warned and normalized dry run", func(t *testing.T) { v.testNormalized(t, dryRun) })
	}
}

func (v verb) testDenied(t *testing.T, dryRun []string) {
	s, before := v.prepare(t)
	got := request(t, func(ctx context.Context) error {
		_, err := v.write(ctx, s.jane, at("300", "default/web-1"), dryRun)
		return err
	})
	expect(t, got, denied(usersWebhook, "10.0.0.0-24",
		`spec.allocations[300]: Invalid value: "300": must be at most 255, the last offset that Whereabouts can use in 10.0.0.0/24 (rule offset-out-of-range)`))
	expectStored(t, s, "10.0.0.0-24", before)
}

func (v verb) testNormalized(t *testing.T, dryRun []string) {
	s, before := v.prepare(t)
	var answered *unstructured.Unstructured
	got := request(t, func(ctx context.Context) (err error) {
		answered, err = v.write(ctx, s.jane, at("00", "default/web-1"), dryRun)
		return err
	})
	expect(t, got, allowed(
		`spec.allocations[00]: stored under key "0" (rule offset-syntax)`,
		`spec.allocations[0]: Invalid value: "0": must not be the first or the last address of 10.0.0.0/24, which Whereabouts never assigns (rule offset-reserved)`))
	if got.Status != nil {
		return
	}
	normalized := at("00", "default/web-1").under("0")
	want := newPool("10.0.0.0/24", normalized)
	if !v.creates {
		want = newPool("10.0.0.0/24", at("1", "default/web-0"), normalized)
	}
	expectSameSpec(t, answered, want)
	if dryRun == nil {
		expectSpec(t, s, want)
	} else {
		expectStored(t, s, want.GetName(), before)
	}
}

// prepare stores a pool unless the verb creates one, and returns it.
func (v verb) prepare(t *testing.T) (scene, *unstructured.Unstructured) {
	t.Helper()
	s := newScene(t)
	if v.creates {
		return s, nil
	}
	return s, s.whereabouts.store(t, newPool("10.0.0.0/24", at("1", "default/web-0")))
}

// TestDelete checks when a pool can be deleted.
func TestDelete(t *testing.T) {
	s := newScene(t)
	used := newPool("10.0.0.0/24", at("1", "default/web-0"))
	empty := newPool("10.0.1.0/24")
	remove := func(pool *unstructured.Unstructured, dryRun ...string) answer {
		return request(t, func(ctx context.Context) error {
			return s.jane.Delete(ctx, pool.GetName(), metav1.DeleteOptions{DryRun: dryRun})
		})
	}
	stored := s.whereabouts.store(t, used)
	s.whereabouts.store(t, empty)

	expect(t, remove(used, metav1.DryRunAll), denied(usersWebhook, used.GetName(), inUse(s.jane.namespace, oneInUse)))
	expect(t, remove(used), denied(usersWebhook, used.GetName(), inUse(s.jane.namespace, oneInUse)))
	expectStored(t, s, used.GetName(), stored)

	expect(t, remove(empty), allowed())
	expectStored(t, s, empty.GetName(), nil)

	expect(t, s.jane.update(t, deletable(used)), allowed())
	expect(t, remove(used), allowed())
	expectStored(t, s, used.GetName(), nil)
}

// inUse is why a pool with allocations in use cannot be deleted.
func inUse(namespace, allocations string) string {
	return "spec.allocations: Forbidden: " + allocations + "; to delete the pool anyway: " +
		"kubectl annotate ippool 10.0.0.0-24 -n " + namespace + " ippool-webhook/allow-delete=true (rule delete-in-use)"
}

// oneInUse is about a pool with one allocation.
const oneInUse = "1 allocation is in use (default/web-0); Whereabouts would assign its address to another pod"

// TestDeleteCollection checks that each pool of a collection is validated.
func TestDeleteCollection(t *testing.T) {
	s := newScene(t)
	used := newPool("10.0.0.0/24", at("1", "default/web-0"))
	s.whereabouts.store(t, used)
	s.whereabouts.store(t, newPool("10.0.1.0/24"))
	removeAll := func() answer {
		return request(t, func(ctx context.Context) error {
			return s.jane.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})
		})
	}
	expect(t, removeAll(), denied(usersWebhook, used.GetName(), inUse(s.jane.namespace, oneInUse)))
	expectSpec(t, s, used)

	expect(t, s.jane.update(t, deletable(used)), allowed())
	expect(t, removeAll(), allowed())
	left, err := s.jane.List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(left.Items) > 0 {
		t.Errorf("%d pools are left", len(left.Items))
	}
}

// TestGeneratedName checks that a denial contains the name that the API server has generated.
func TestGeneratedName(t *testing.T) {
	pool := newPool("10.0.0.0", at("1", "default/web-0"))
	pool.SetName("")
	pool.SetGenerateName("blue-")
	got := newScene(t).jane.create(t, pool)
	if got.Status == nil || got.Status.Details == nil || !strings.HasPrefix(got.Status.Details.Name, "blue-") {
		t.Fatalf("answer %v, want a denial of blue-...", got)
	}
	expect(t, got, denied(usersWebhook, got.Status.Details.Name,
		`spec.range: Invalid value: "10.0.0.0": must have a prefix length after the address, such as 10.0.0.0/24 or 2001:db8::/64 (rule range-syntax)`))
}

// apply applies a pool as a manifest.
func (c *client) apply(t *testing.T, pool *unstructured.Unstructured) answer {
	t.Helper()
	return request(t, func(ctx context.Context) error {
		_, err := c.patch(ctx, pool.GetName(), types.ApplyPatchType, pool.Object, metav1.PatchOptions{FieldManager: "jane"})
		return err
	})
}

// TestApplyTwice checks that a manifest whose pool was normalized can be applied again without a change.
func TestApplyTwice(t *testing.T) {
	for _, c := range []struct {
		name         string
		pool         *unstructured.Unstructured
		first, again []string // warnings
	}{
		{
			name:  "range",
			pool:  named(newPool("2001:DB8:0::/64", at("1", "default/web-0")), "2001-db8---64"),
			first: []string{`spec.range: stored as 2001:db8::/64 instead of "2001:DB8:0::/64" (rule range-syntax)`},
			again: []string{`spec.range: stored as 2001:db8::/64 instead of "2001:DB8:0::/64" (rule range-syntax)`},
		},
		{
			name:  "host bits",
			pool:  named(newPool("10.0.0.7/24"), "10.0.0.0-24"),
			first: []string{`spec.range: stored as 10.0.0.0/24 instead of "10.0.0.7/24" (rule range-host-bits)`},
			again: []string{`spec.range: stored as 10.0.0.0/24 instead of "10.0.0.7/24" (rule range-host-bits)`},
		},
		{
			name:  "allocations", // the pool has them already, so nothing is added
			pool:  bare("10.0.0.0-24", map[string]any{"range": "10.0.0.0/24"}),
			first: []string{"spec.allocations: stored as {}, because the schema requires it"},
		},
		{
			name:  "key", // the API server removes it before the webhook is called
			pool:  newPool("10.0.0.0/24", at("05", "default/web-0")),
			first: []string{`spec.allocations[05]: stored under key "5" (rule offset-syntax)`},
			again: []string{`spec.allocations[05]: stored under key "5" (rule offset-syntax)`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t)
			expect(t, s.jane.apply(t, c.pool), allowed(c.first...))
			first := s.jane.read(t, c.pool.GetName())
			for range 2 {
				expect(t, s.jane.apply(t, c.pool), allowed(c.again...))
				expectStored(t, s, c.pool.GetName(), first)
			}
		})
	}
}
