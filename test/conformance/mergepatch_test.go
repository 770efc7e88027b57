package conformance

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestMergePatch sends merge patches, as kubectl patch does.
func TestMergePatch(t *testing.T) {
	before := []string{pool(inUse)}
	malformed := `{"range": "10.0.0.5/24", "allocations": {"300": ` + web0 + `}}`
	run(t, []row{
		{name: "adds an allocation", before: []string{pool(empty)}, request: patch(mergePatch, `{"spec": {"allocations": {"1": `+web0+`}}}`),
			want: ok(pool(inUse)), after: []string{pool(inUse)}},
		{name: "removes an allocation", before: before, request: patch(mergePatch, `{"spec": {"allocations": {"1": null}}}`),
			want: ok(pool(empty)), after: []string{pool(empty)}},
		{name: "nothing", before: before, request: patch(mergePatch, `{}`), want: ok(pool(inUse))},
		{name: "allocation that is normalized", before: []string{pool(empty)}, request: patch(mergePatch, `{"spec": {"allocations": {"01": `+web0+`}}}`),
			want: ok(pool(inUse), stored("01", "1")), after: []string{pool(inUse)}},
		{name: "allocation that is denied", before: before, request: patch(mergePatch, `{"spec": {"allocations": {"1": null, "300": `+web0+`}}}`),
			want: denied(outOfRange(), moved("300"))},
		{name: "labels of a malformed pool", before: []string{pool(malformed)}, request: patch(mergePatch, `{"metadata": {"labels": {"team": "network"}}}`),
			want:  ok(withMetadata(`{"name": "10.0.0.0-24", "labels": {"team": "network"}}`, malformed)),
			after: []string{withMetadata(`{"name": "10.0.0.0-24", "labels": {"team": "network"}}`, malformed)}},
		// If it were normalized to allocations: {}, it would remove all allocations.
		{name: "allocations that go", before: before, request: patch(mergePatch, `{"spec": {"allocations": null}}`),
			want: invalid(required("spec.allocations"))},
		{name: "required field that goes", before: before, request: patch(mergePatch, `{"spec": {"allocations": {"1": {"podref": null}}}}`),
			want: invalid(required("spec.allocations.1.podref"))},
		{name: "spec that goes", before: before, request: patch(mergePatch, `{"spec": null}`), want: denied(rangeRequired("spec"))},

		{name: "older resourceVersion", before: before, request: patch(mergePatch, `{"metadata": {"resourceVersion": "1"}}`), want: conflict()},
		{name: "another name", before: before, request: patch(mergePatch, `{"metadata": {"name": "10.0.1.0-24"}}`), want: otherName()},
		{name: "another kind", before: before, request: patch(mergePatch, `{"kind": "NodeSlicePool"}`), want: otherKind("NodeSlicePool")},
		{name: "force", before: before, request: patch(mergePatch, `{}`, "force=true"),
			want: invalidOptions("PatchOptions", metav1.StatusCause{
				Type: metav1.CauseTypeForbidden, Field: "force", Message: "Forbidden: may not be specified for non-apply patch",
			})},
		{name: "no JSON", before: before, request: patch(mergePatch, `{`), want: badRequest("error decoding patch: unexpected end of JSON input")},
		{name: "JSON patch", before: before, request: patch(mergePatch, `[]`),
			want: badRequest("error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}")},
		{name: "name that is not there", request: patch(mergePatch, `{}`), want: notFound()},
	})
}

// TestPatchMediaType sends patches with content types that are not supported for custom resources.
func TestPatchMediaType(t *testing.T) {
	before := []string{pool(inUse)}
	want := unsupportedMediaType("application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml")
	run(t, []row{
		{name: "strategic merge patch", before: before, request: patch("application/strategic-merge-patch+json", `{}`), want: want},
		{name: "plain JSON", before: before, request: patch(plainJSON, `{}`), want: want},
		{name: "none", before: before, request: patch("", `{}`), want: want},
	})
}
