package e2e

import (
	"context"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"ippool-webhook/test/environment"
)

// hold is a finalizer: it keeps a pool that is being deleted.
const hold = "example.com/hold"

// held returns a copy of pool with the finalizer.
func held(pool *unstructured.Unstructured) *unstructured.Unstructured {
	return with(pool, func(p *unstructured.Unstructured) { p.SetFinalizers([]string{hold}) })
}

// delete deletes a pool.
func (c *client) delete(t *testing.T, name string) answer {
	t.Helper()
	return request(t, func(ctx context.Context) error { return c.Delete(ctx, name, metav1.DeleteOptions{}) })
}

// newTerminatingPool returns a namespace with pool 10.0.0.0/24, which has these allocations and is terminating.
func newTerminatingPool(t *testing.T, allocations ...allocation) (s scene, stored *unstructured.Unstructured) {
	t.Helper()
	s = newScene(t)
	s.whereabouts.store(t, held(newPool("10.0.0.0/24", allocations...)))
	if got := s.whereabouts.delete(t, "10.0.0.0-24"); got.Status != nil {
		t.Fatalf("cannot prepare the test: %s", got.Status.Message)
	}
	stored = s.whereabouts.mustRead(t, "10.0.0.0-24")
	if stored.GetDeletionTimestamp() == nil {
		t.Fatal("cannot prepare the test: the pool is not being deleted")
	}
	return s, stored
}

// TestTerminatingPool checks that a terminating pool is validated like other pools: Whereabouts uses it until the finalizer is
// removed.
func TestTerminatingPool(t *testing.T) {
	web0, web1 := at("1", "default/web-0"), at("2", "default/web-1")
	for _, step := range []struct {
		name  string
		after *unstructured.Unstructured
		want  answer
	}{
		{
			name: "rewrite", after: newPool("10.9.9.0", at("gateway", "nobody")),
			want: answer{
				Status: denied(usersWebhook, "10.0.0.0-24",
					`spec.range: Invalid value: "10.9.9.0": must have a prefix length after the address, such as 10.0.0.0/24 or 2001:db8::/64 (rule range-syntax)`,
					`spec.range: Invalid value: "10.9.9.0": must stay 10.0.0.0/24, from which the offsets of the allocations count (rule range-immutable)`,
					`spec.allocations[gateway]: Invalid value: "gateway": must be a decimal offset without sign, white space or leading zeros, such as "5" (rule offset-syntax)`,
					`spec.allocations[gateway].podref: Invalid value: "nobody": must be <namespace>/<pod name>, such as default/web-0 (rule podref-syntax)`).Status,
			},
		},
		{
			name: "give the address to another pod", after: newPool("10.0.0.0/24", at("1", "default/web-9")),
			want: denied(usersWebhook, "10.0.0.0-24",
				`spec.allocations[1].podref: Invalid value: "default/web-9": must stay default/web-0, which has this address; delete that pod and remove the allocation first (rule allocation-reassigned)`),
		},
		{
			name: "bring a key that would be normalized otherwise", after: newPool("10.0.0.0/24", web0, web1.under("02")),
			want: denied(usersWebhook, "10.0.0.0-24",
				`spec.allocations[02]: Invalid value: "02": must be a decimal offset; write "2" (rule offset-syntax)`),
		},
		{name: "add an allocation", after: newPool("10.0.0.0/24", web0, web1), want: allowed()},
		{name: "release the allocation", after: newPool("10.0.0.0/24"), want: allowed()},
	} {
		t.Run(step.name, func(t *testing.T) {
			s, stored := newTerminatingPool(t, web0)
			after := named(held(step.after), "10.0.0.0-24")
			expect(t, s.jane.update(t, after), step.want)
			if step.want.Status != nil {
				expectStored(t, s, after.GetName(), stored)
			} else {
				expectSpec(t, s, after)
			}
			s.expectReleased(t, after.GetName())
		})
	}
}

// expectReleased removes the finalizer, and expects that the pool is deleted.
func (s scene) expectReleased(t *testing.T, name string) {
	t.Helper()
	expect(t, s.jane.removeFinalizers(t, name), allowed())
	expectStored(t, s, name, nil)
}

// removeFinalizers removes the finalizers of a pool, as a controller does after its clean-up.
func (c *client) removeFinalizers(t *testing.T, name string) answer {
	t.Helper()
	return c.patchMetadata(t, name, map[string]any{"finalizers": nil})
}

// TestTerminatingPoolThatIsBad checks that a finalizer can be removed from a pool with findings.
func TestTerminatingPoolThatIsBad(t *testing.T) {
	s, _ := newTerminatingPool(t, badPool()...)
	s.expectReleased(t, "10.0.0.0-24")
}

// Parts of a pool that cannot be decoded: the container id is a number.
const (
	undecodable   = `"5": {"id": 5, "podref": "default/web-5"}`
	decodable     = `"6": {"id": "` + idPrefix + `", "podref": "default/web-6"}`
	undecodableID = `spec.allocations[5].id: Invalid value: "integer": spec.allocations[5].id in body must be of type string: "integer" (rule field-type)`
)

// TestUndecodablePool checks that a pool with a value of a wrong type, which clients of Whereabouts cannot decode, is protected
// and can be repaired like other pools.
func TestUndecodablePool(t *testing.T) {
	setSchema(t, environment.Lax)
	const name = "10.0.0.0-24"
	update := func(c *client, spec string) answer {
		return c.update(t, bare(name, decode(t, spec)))
	}
	both := `{"range": "10.0.0.0/24", "allocations": {` + undecodable + `, ` + decodable + `}}`
	for _, test := range []struct {
		name, spec string
		run        func(t *testing.T, s scene)
	}{
		{"is not deleted", both, func(t *testing.T, s scene) {
			t.Helper()
			expect(t, s.jane.delete(t, name), denied(usersWebhook, name, inUse(s.jane.namespace,
				"2 allocations are in use (default/web-5, default/web-6); Whereabouts would assign their addresses to other pods")))
			expectSpec(t, s, bare(name, decode(t, both)))
			s.remove(t, name)
		}},
		{"is deleted once annotated", both, func(t *testing.T, s scene) {
			t.Helper()
			expect(t, s.jane.update(t, deletable(bare(name, decode(t, both)))), allowed())
			expect(t, s.jane.delete(t, name), allowed())
		}},
		{"is emptied one by one and deleted", both, func(t *testing.T, s scene) {
			t.Helper()
			expect(t, update(s.jane, `{"range": "10.0.0.0/24", "allocations": {`+undecodable+`}}`), allowed(undecodableID))
			expect(t, update(s.jane, `{"range": "10.0.0.0/24", "allocations": {}}`), allowed())
			expect(t, s.jane.delete(t, name), allowed())
		}},
		{"is emptied at once and deleted", both, func(t *testing.T, s scene) {
			t.Helper()
			expect(t, update(s.jane, `{"range": "10.0.0.0/24", "allocations": {}}`), allowed(
				`spec.allocations: removes 2 of 2 allocations; Whereabouts assigns their addresses to other pods immediately (rule bulk-release)`))
			expect(t, s.jane.delete(t, name), allowed())
		}},
		{"is corrected", both, func(t *testing.T, s scene) {
			t.Helper()
			expect(t, update(s.jane, `{"range": "10.0.0.0/24", "allocations": {"5": {"id": "`+idPrefix+`0", "podref": "default/web-5"}, `+decodable+`}}`), allowed())
			s.remove(t, name)
		}},
		{"is made no worse", both, func(t *testing.T, s scene) {
			t.Helper()
			want := denied(usersWebhook, name,
				`spec.allocations[6].podref: Invalid value: "true": must stay default/web-6, which has this address; delete that pod and remove the allocation first (rule allocation-reassigned)`,
				`spec.allocations[6].podref: Invalid value: "boolean": spec.allocations[6].podref in body must be of type string: "boolean" (rule field-type)`)
			want.Warnings = []string{undecodableID}
			expect(t, update(s.jane, `{"range": "10.0.0.0/24", "allocations": {`+undecodable+`, "6": {"id": "`+idPrefix+`", "podref": true}}}`), want)
			expectSpec(t, s, bare(name, decode(t, both)))
			s.remove(t, name)
		}},
		{"has allocations that are no object, and is deleted", `{"range": "10.0.0.0/24", "allocations": ["web-0"]}`, func(t *testing.T, s scene) {
			t.Helper()
			expect(t, s.jane.delete(t, name), allowed())
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			if got := s.whereabouts.postSpec(t, test.spec, ""); got.Status != nil {
				t.Fatalf("cannot prepare the test: %s", got.Status.Message)
			}
			test.run(t, s)
			expectStored(t, s, name, nil)
		})
	}
}
