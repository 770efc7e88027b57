package e2e

import (
	"context"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ippool-webhook/test/environment"
)

// wrongType is the spec of a pool in which a value has another type than in the schema.
type wrongType struct {
	name, spec string
	// schema is the cause of the API server, and webhook is the finding if the CRD allows every type, each as "field: message".
	schema, webhook string
}

func wrongTypes() []wrongType {
	allocation := func(text string) string {
		return `{"range": "10.0.0.0/24", "allocations": {"1": ` + text + `}}`
	}
	return []wrongType{
		{
			name: "range", spec: `{"range": 10, "allocations": {}}`,
			schema:  `spec.range: Invalid value: "integer": spec.range in body must be of type string: "integer"`,
			webhook: `spec.range: Invalid value: "integer": spec.range in body must be of type string: "integer" (rule field-type)`,
		},
		{
			name: "allocations", spec: `{"range": "10.0.0.0/24", "allocations": []}`,
			schema:  `spec.allocations: Invalid value: "array": spec.allocations in body must be of type object: "array"`,
			webhook: `spec.allocations: Invalid value: "array": spec.allocations in body must be of type object: "array" (rule field-type)`,
		},
		{
			name: "allocation", spec: allocation(`"default/web-0"`),
			schema:  `spec.allocations.1: Invalid value: "string": spec.allocations.1 in body must be of type object: "string"`,
			webhook: `spec.allocations[1]: Invalid value: "string": spec.allocations[1] in body must be of type object: "string" (rule field-type)`,
		},
		{
			name: "id", spec: allocation(`{"id": 5, "podref": "default/web-0"}`),
			schema:  `spec.allocations.1.id: Invalid value: "integer": spec.allocations.1.id in body must be of type string: "integer"`,
			webhook: `spec.allocations[1].id: Invalid value: "integer": spec.allocations[1].id in body must be of type string: "integer" (rule field-type)`,
		},
		{
			name: "podref", spec: allocation(`{"id": "` + idPrefix + `", "podref": true}`),
			schema:  `spec.allocations.1.podref: Invalid value: "boolean": spec.allocations.1.podref in body must be of type string: "boolean"`,
			webhook: `spec.allocations[1].podref: Invalid value: "boolean": spec.allocations[1].podref in body must be of type string: "boolean" (rule field-type)`,
		},
		{
			name: "ifname", spec: allocation(`{"id": "` + idPrefix + `", "podref": "default/web-0", "ifname": {}}`),
			schema:  `spec.allocations.1.ifname: Invalid value: "object": spec.allocations.1.ifname in body must be of type string: "object"`,
			webhook: `spec.allocations[1].ifname: Invalid value: "object": spec.allocations[1].ifname in body must be of type string: "object" (rule field-type)`,
		},
	}
}

// TestWrongTypes checks that jane gets the message of the schema about a value of a wrong type. The mutating webhook, which
// gets the value first, does not change it.
func TestWrongTypes(t *testing.T) {
	for _, w := range wrongTypes() {
		t.Run(w.name, func(t *testing.T) {
			s := newScene(t)
			want := denied(usersWebhook, "10.0.0.0-24", w.schema)
			want.Status.Message = `IPPool.whereabouts.cni.cncf.io "10.0.0.0-24" is invalid: ` + w.schema
			want.Status.Details.Causes[0].Type = metav1.CauseTypeTypeInvalid
			expect(t, s.jane.postSpec(t, w.spec, ""), want)
			expectStored(t, s, "10.0.0.0-24", nil)
		})
	}
}

// TestWrongTypesOfLaxSchema checks the findings of the webhook with a schema that allows every type.
func TestWrongTypesOfLaxSchema(t *testing.T) {
	setSchema(t, environment.Lax)
	for _, w := range wrongTypes() {
		t.Run(w.name, func(t *testing.T) {
			s := newScene(t)
			expect(t, s.jane.postSpec(t, w.spec, ""), denied(usersWebhook, "10.0.0.0-24", w.webhook))
			expectStored(t, s, "10.0.0.0-24", nil)

			expect(t, s.whereabouts.postSpec(t, w.spec, ""), allowed(w.webhook))
			expectSpec(t, s, bare("10.0.0.0-24", decode(t, w.spec)))
			s.remove(t, "10.0.0.0-24")
		})
	}
}

// remove removes every pool, because the schema of the next test may not allow it.
func (s scene) remove(t *testing.T, name string) {
	t.Helper()
	got := request(t, func(ctx context.Context) error { return s.whereabouts.Delete(ctx, name, metav1.DeleteOptions{}) })
	if got.Status != nil {
		t.Fatalf("pool %s cannot be removed: %s", name, got.Status.Message)
	}
}
