package conformance

import (
	"net/http"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestJSONPatch sends JSON patches, as Whereabouts does for every address.
func TestJSONPatch(t *testing.T) {
	before := []string{pool(inUse)}
	// The API server does not say which operation fails, nor why.
	fails := rejected(http.StatusUnprocessableEntity, metav1.StatusReasonInvalid, &metav1.StatusDetails{},
		"the server rejected our request due to an error in our request")
	run(t, []row{
		{name: "adds an allocation", before: []string{pool(empty)}, request: patch(jsonPatch, `[{"op": "add", "path": "/spec/allocations/1", "value": `+web0+`}]`),
			want: ok(pool(inUse)), after: []string{pool(inUse)}},
		{name: "removes an allocation", before: before, request: patch(jsonPatch, `[{"op": "remove", "path": "/spec/allocations/1"}]`),
			want: ok(pool(empty)), after: []string{pool(empty)}},
		{name: "nothing", before: before, request: patch(jsonPatch, `[]`), want: ok(pool(inUse))},
		{name: "allocation that is normalized", before: []string{pool(empty)}, request: patch(jsonPatch, `[{"op": "add", "path": "/spec/allocations/01", "value": `+web0+`}]`),
			want: ok(pool(inUse), stored("01", "1")), after: []string{pool(inUse)}},
		{name: "allocation that is denied", before: before, request: patch(jsonPatch, `[{"op": "move", "from": "/spec/allocations/1", "path": "/spec/allocations/300"}]`),
			want: denied(outOfRange(), moved("300"))},
		{name: "allocation that Whereabouts is warned of", before: before,
			request: patch(jsonPatch, `[{"op": "move", "from": "/spec/allocations/1", "path": "/spec/allocations/300"}]`).as(whereabouts),
			want:    ok(pool(beyond), asWarning(outOfRange()), asWarning(moved("300"))),
			after:   []string{pool(beyond)}},
		{name: "spec that goes", before: before, request: patch(jsonPatch, `[{"op": "remove", "path": "/spec"}]`),
			want: denied(rangeRequired("spec"))},
		{name: "allocation without required fields", before: before, request: patch(jsonPatch, `[{"op": "add", "path": "/spec/allocations/2", "value": {}}]`),
			want: invalid(required("spec.allocations.2.id"), required("spec.allocations.2.podref"))},

		{name: "test that fails", before: before, want: fails, request: patch(jsonPatch,
			`[{"op": "test", "path": "/spec/range", "value": "10.0.1.0/24"}, {"op": "remove", "path": "/spec/allocations/1"}]`)},
		{name: "path that is not there", before: before, request: patch(jsonPatch, `[{"op": "remove", "path": "/spec/allocations/2"}]`), want: fails},
		{name: "operation that is not there", before: before, request: patch(jsonPatch, `[{"op": "drop", "path": "/spec/allocations/1"}]`), want: fails},
		{name: "older resourceVersion", before: before, request: patch(jsonPatch, `[{"op": "replace", "path": "/metadata/resourceVersion", "value": "1"}]`), want: conflict()},
		{name: "another name", before: before, request: patch(jsonPatch, `[{"op": "replace", "path": "/metadata/name", "value": "10.0.1.0-24"}]`),
			want: otherName()},
		{name: "another kind", before: before, request: patch(jsonPatch, `[{"op": "replace", "path": "/kind", "value": "NodeSlicePool"}]`),
			want: otherKind("NodeSlicePool")},
		{name: "no JSON", before: before, request: patch(jsonPatch, `[`), want: badRequest("error decoding patch: unexpected end of JSON input")},
		{name: "merge patch", before: before, request: patch(jsonPatch, `{"spec": {}}`),
			want: badRequest("error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp")},
		{name: "name that is not there", request: patch(jsonPatch, `[]`), want: notFound()},
	})
}
