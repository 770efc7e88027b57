package conformance

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestType posts objects of other kinds and versions.
func TestType(t *testing.T) {
	text := pool(empty)
	otherVersion := func(name string) answer {
		return badRequest("the API version in the data (" + name + ") does not match the expected API version (whereabouts.cni.cncf.io/v1alpha1)")
	}
	const unreadable = "the object provided is unrecognized (must be of type IPPool): "
	run(t, []row{
		{name: "another kind", request: post(strings.Replace(text, kind, "NodeSlicePool", 1)), want: otherKind("NodeSlicePool")},
		{name: "list", request: post(strings.Replace(text, kind, "IPPoolList", 1)), want: otherKind("IPPoolList")},
		{name: "no kind", request: post(`{"apiVersion": "whereabouts.cni.cncf.io/v1alpha1"}`),
			want: badRequest(unreadable + `Object 'Kind' is missing in '{"apiVersion": "whereabouts.cni.cncf.io/v1alpha1"}' ({"apiVersion": "whereabouts.cn ...)`)},
		{name: "kind of a wrong type", request: post(strings.Replace(text, `"IPPool"`, "1", 1)),
			want: badRequest(unreadable + `couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string ({"apiVersion": "whereabouts.cn ...)`)},
		// The API server has no schema for an unknown version, and warns about every field except those of all objects.
		{name: "another version", request: post(strings.Replace(text, "v1alpha1", "v1", 1)), want: otherVersion("whereabouts.cni.cncf.io/v1").warning(`unknown field "spec"`)},
		{name: "another group", request: post(strings.Replace(text, "whereabouts.cni.cncf.io/v1alpha1", "v1", 1)), want: otherVersion("v1")},
		{name: "no apiVersion", request: post(strings.Replace(text, `"apiVersion": "whereabouts.cni.cncf.io/v1alpha1", `, "", 1)), want: otherVersion("")},
		{name: "apiVersion of a wrong type", request: post(strings.Replace(text, `"whereabouts.cni.cncf.io/v1alpha1"`, "1", 1)),
			want: badRequest(unreadable + `couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .apiVersion of type string ({"apiVersion": 1, "kind": "IPP ...)`)},
	})
}

// TestMetadata posts pools with invalid metadata.
func TestMetadata(t *testing.T) {
	const undecodable = `IPPool in version "v1alpha1" cannot be handled as a IPPool: json: cannot unmarshal `
	const subdomain = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with ` +
		`an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`
	nameless := invalidObject(metav1.StatusDetails{Group: group, Kind: kind}, metav1.StatusCause{
		Type: metav1.CauseTypeFieldValueRequired, Field: "metadata.name", Message: "Required value: name or generateName is required",
	})
	run(t, []row{
		{name: "none", request: post(strings.Replace(pool(empty), `"metadata": {"name": "10.0.0.0-24"}, `, "", 1)), want: nameless},
		{name: "null", request: post(withMetadata(`null`, empty)), want: nameless},
		{name: "no name", request: post(withMetadata(`{}`, empty)), want: nameless},
		{name: "bad name", request: post(named("10.0.0.0/24", empty)), want: invalidObject(metav1.StatusDetails{Name: "10.0.0.0/24", Group: group, Kind: kind},
			invalidValue("metadata.name", `"10.0.0.0/24": `+subdomain))},
		{name: "bad label", request: post(withMetadata(`{"name": "10.0.0.0-24", "labels": {"team": "net work"}}`, empty)),
			want: invalid(invalidValue("metadata.labels", `"net work": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', `+
				`and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`))},
		{name: "a string", request: post(withMetadata(`"10.0.0.0-24"`, empty)), want: badRequest(undecodable + "string into Go value of type v1.ObjectMeta")},
		{name: "name of a wrong type", request: post(withMetadata(`{"name": 10}`, empty)), want: badRequest(undecodable + "number into Go struct field ObjectMeta.name of type string")},
		{name: "label of a wrong type", request: post(withMetadata(`{"name": "10.0.0.0-24", "labels": {"team": 1}}`, empty)),
			want: badRequest(undecodable + "number into Go struct field ObjectMeta.labels of type string")},
	})
}

// TestRequired posts pools without a required field. The API server validates the schema after the mutating webhook and before
// the validating webhook.
func TestRequired(t *testing.T) {
	allocation := func(text string) string { return `{"range": "10.0.0.0/24", "allocations": {"1": ` + text + `}}` }
	const noIfname = `{"id": "0f00", "podref": "default/web-0"}`
	run(t, []row{
		// The CRD does not require a spec.
		{name: "no spec", request: post(withoutSpec()), want: denied(rangeRequired("spec"))},
		{name: "no spec, by Whereabouts", request: post(withoutSpec()).as(whereabouts),
			want: created(withoutSpec(), asWarning(rangeRequired("spec"))), after: []string{withoutSpec()}},
		{name: "spec null", request: post(pool(`null`)), want: denied(rangeRequired("spec"))},
		{name: "spec empty", request: post(pool(`{}`)), want: invalid(required("spec.range")).warning(noAllocations)},
		{name: "spec empty, by Whereabouts", request: post(pool(`{}`)).as(whereabouts), want: invalid(required("spec.allocations"), required("spec.range"))},
		{name: "no range", request: post(pool(`{"allocations": {}}`)), want: invalid(required("spec.range"))},
		{name: "range null", request: post(pool(`{"range": null, "allocations": {}}`)), want: invalid(required("spec.range"))},
		{name: "range empty", request: post(pool(`{"range": "", "allocations": {}}`)), want: denied(rangeRequired("spec.range"))},
		{name: "no allocations", request: post(pool(`{"range": "10.0.0.0/24"}`)), want: created(pool(empty), noAllocations), after: []string{pool(empty)}},
		{name: "allocations null", request: post(pool(`{"range": "10.0.0.0/24", "allocations": null}`)), want: created(pool(empty), noAllocations), after: []string{pool(empty)}},
		// The mutating webhook is not called for Whereabouts.
		{name: "no allocations, by Whereabouts", request: post(pool(`{"range": "10.0.0.0/24"}`)).as(whereabouts), want: invalid(required("spec.allocations"))},

		{name: "allocation without id", request: post(pool(allocation(`{"podref": "default/web-0"}`))), want: invalid(required("spec.allocations.1.id"))},
		{name: "allocation with id null", request: post(pool(allocation(`{"id": null, "podref": "default/web-0"}`))), want: invalid(required("spec.allocations.1.id"))},
		{name: "allocation without podref", request: post(pool(allocation(`{"id": "0f00"}`))), want: invalid(required("spec.allocations.1.podref"))},
		{name: "allocation empty", request: post(pool(allocation(`{}`))), want: invalid(required("spec.allocations.1.id"), required("spec.allocations.1.podref"))},
		{name: "allocation without ifname", request: post(pool(allocation(noIfname))), want: created(pool(allocation(noIfname))), after: []string{pool(allocation(noIfname))}},
		{name: "allocation with ifname null", request: post(pool(allocation(`{"id": "0f00", "podref": "default/web-0", "ifname": null}`))),
			want: created(pool(allocation(noIfname))), after: []string{pool(allocation(noIfname))}},
		// The API server drops a null where null is not a valid value.
		{name: "allocation null", request: post(pool(allocation(`null`))), want: created(pool(empty)), after: []string{pool(empty)}},
		{name: "rules broken too", request: post(pool(`{"range": "10.0.0.0", "allocations": {"300": {"id": "0f00"}}}`)), want: invalid(required("spec.allocations.300.podref"))},
	})
}

// TestTypes posts pools with values of wrong types. The mutating webhook, which is called before the schema is validated, does
// not change them: the client gets the message of the schema. Whereabouts, for which the mutating webhook is not called, gets
// the same message.
func TestTypes(t *testing.T) {
	allocation := func(text string) string { return `{"range": "10.0.0.0/24", "allocations": {"1": ` + text + `}}` }
	for _, c := range []struct{ name, spec, field, got, want string }{
		{"spec a string", `"10.0.0.0/24"`, "spec", "string", "object"},
		{"spec a list", `[]`, "spec", "array", "object"},
		{"range a number", `{"range": 10, "allocations": {}}`, "spec.range", "integer", "string"},
		{"allocations a string", `{"range": "10.0.0.0/24", "allocations": ""}`, "spec.allocations", "string", "object"},
		{"allocations a list", `{"range": "10.0.0.0/24", "allocations": []}`, "spec.allocations", "array", "object"},
		{"allocation a string", allocation(`"web-0"`), "spec.allocations.1", "string", "object"},
		{"allocation a list", allocation(`[]`), "spec.allocations.1", "array", "object"},
		{"id a number", allocation(`{"id": 1.5, "podref": "default/web-0"}`), "spec.allocations.1.id", "number", "string"},
		{"podref a boolean", allocation(`{"id": "0f00", "podref": true}`), "spec.allocations.1.podref", "boolean", "string"},
		{"ifname an object", allocation(`{"id": "0f00", "podref": "default/web-0", "ifname": {}}`), "spec.allocations.1.ifname", "object", "string"},
	} {
		run(t, []row{
			{name: c.name, request: post(pool(c.spec)), want: invalid(wrongType(c.field, c.got, c.want))},
			{name: c.name + ", by Whereabouts", request: post(pool(c.spec)).as(whereabouts), want: invalid(wrongType(c.field, c.got, c.want))},
		})
	}
	// The mutating webhook normalizes the other fields, and warns about it.
	run(t, []row{{name: "id a number, under a key that is normalized", request: post(pool(`{"range": " 10.0.0.0/24", "allocations": {"+1": {"id": 1.5, "podref": "default/web-0"}}}`)),
		want: invalid(wrongType("spec.allocations.1.id", "number", "string")).warning(trimmed, stored("+1", "1"))}})
}
