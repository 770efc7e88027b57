package conformance

import (
	"net/http"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestApply applies a pool as a manifest (server-side apply).
func TestApply(t *testing.T) {
	before := []string{pool(empty)}
	with := func(metadata string) request { return apply(withMetadata(metadata, inUse)) }
	// Whereabouts is the manager of the fields that it has written.
	managed := func(field string) answer {
		return rejected(http.StatusConflict, metav1.StatusReasonConflict, &metav1.StatusDetails{Causes: []metav1.StatusCause{{
			Type: metav1.CauseTypeFieldManagerConflict, Field: field,
			Message: `conflict with "conformance" using whereabouts.cni.cncf.io/v1alpha1`,
		}}}, `Apply failed with 1 conflict: conflict with "conformance" using whereabouts.cni.cncf.io/v1alpha1: `+field)
	}
	web1 := strings.ReplaceAll(web0, "web-0", "web-1")
	run(t, []row{
		{name: "creates a pool", request: apply(pool(inUse)), want: created(pool(inUse)), after: []string{pool(inUse)}},
		{name: "creates a pool that is normalized", request: apply(pool(`{"range": " 10.0.0.0/24"}`)), want: created(pool(empty), trimmed, noAllocations), after: []string{pool(empty)}},
		{name: "creates a pool that is denied", request: apply(pool(beyond)), want: denied(outOfRange())},
		{name: "adds an allocation", before: before, request: apply(pool(inUse)), want: ok(pool(inUse)), after: []string{pool(inUse)}},
		{name: "adds an allocation that is denied", before: before, request: apply(pool(beyond)), want: denied(outOfRange())},
		{name: "adds an allocation without required fields", before: before, request: apply(pool(`{"range": "10.0.0.0/24", "allocations": {"1": {}}}`)),
			want: invalid(required("spec.allocations.1.id"), required("spec.allocations.1.podref"))},
		{name: "leaves others' allocations alone", before: []string{pool(inUse)}, request: apply(pool(empty)), want: ok(pool(inUse)), after: []string{pool(inUse)}},
		{name: "in YAML", request: apply("apiVersion: whereabouts.cni.cncf.io/v1alpha1\nkind: IPPool\nmetadata: {name: 10.0.0.0-24}\nspec: {range: 10.0.0.0/24}\n"),
			want: created(pool(empty), noAllocations), after: []string{pool(empty)}},

		{name: "another's field", before: []string{pool(inUse)}, request: apply(pool(`{"range": "10.0.0.0/24", "allocations": {"1": ` + web1 + `}}`)),
			want: managed(".spec.allocations.1.podref")},
		{name: "another's field by force", before: []string{pool(inUse)}, request: apply(pool(`{"range": "10.0.0.0/24", "allocations": {"1": `+web1+`}}`), "force=true"),
			want: denied(invalidValue("spec.allocations[1].podref",
				`"default/web-1": must stay default/web-0, which has this address; delete that pod and remove the allocation first (rule allocation-reassigned)`))},
		{name: "without a field manager", before: before, request: patch(applyPatch, pool(inUse)),
			want: invalidOptions("PatchOptions", metav1.StatusCause{
				Type: metav1.CauseTypeFieldValueRequired, Field: "fieldManager", Message: "Required value: is required for apply patch",
			})},
		{name: "managedFields", before: before, request: with(`{"name": "10.0.0.0-24", "managedFields": [{"manager": "jane"}]}`),
			want: badRequest("metadata.managedFields must be nil")},
		{name: "older resourceVersion", before: before, request: with(`{"name": "10.0.0.0-24", "resourceVersion": "1"}`), want: conflict()},
		{name: "uid of a pool that is not there", request: with(`{"name": "10.0.0.0-24", "uid": "other"}`),
			want: rejected(http.StatusConflict, metav1.StatusReasonConflict, thePool(), `Operation cannot be fulfilled on ippools.whereabouts.cni.cncf.io "10.0.0.0-24": `+
				`uid mismatch: the provided object specified uid other, and no existing object was found`)},
		{name: "another name", before: before, request: with(`{"name": "10.0.1.0-24"}`), want: otherName()},
		{name: "another kind", before: before, request: apply(strings.Replace(pool(inUse), kind, "NodeSlicePool", 1)),
			want: badRequest("invalid object type: whereabouts.cni.cncf.io/v1alpha1, Kind=NodeSlicePool")},
		{name: "no kind", before: before, request: apply(`{"metadata": {"name": "10.0.0.0-24"}}`), want: badRequest("invalid object type: /, Kind=")},
		// See notInSchema.
		{name: "wrong type", before: before, request: apply(pool(`{"range": 10, "allocations": {}}`)),
			want: rejected(http.StatusInternalServerError, "", nil, `failed to create typed patch object (/10.0.0.0-24; `+
				`whereabouts.cni.cncf.io/v1alpha1, Kind=IPPool): .spec.range: expected string, got &value.valueUnstructured{Value:10}`)},
		{name: "no YAML", before: before, request: apply(`{`),
			want: badRequest("error decoding YAML: error converting YAML to JSON: yaml: line 1: did not find expected node content")},
		{name: "JSON patch", before: before, request: apply(`[]`), want: badRequest("error decoding YAML: error unmarshaling JSON: " +
			"while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}")},
	})
}
