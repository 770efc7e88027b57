package conformance

import (
	"net/http"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestPut replaces a pool.
func TestPut(t *testing.T) {
	before := []string{pool(empty)}
	with := func(metadata string) request { return put(withMetadata(metadata, inUse)) }
	run(t, []row{
		{name: "pool", before: before, request: put(latest(inUse)), want: ok(pool(inUse)), after: []string{pool(inUse)}},
		{name: "the same pool", before: before, request: put(latest(empty)), want: ok(pool(empty))},
		{name: "pool that is normalized", before: before, request: put(latest(nonCanonical)), want: ok(pool(inUse), trimmed, stored("+1", "1")), after: []string{pool(inUse)}},
		{name: "pool that is warned of", before: before, request: put(latest(first)),
			want:  ok(pool(first), reserved),
			after: []string{pool(first)}},
		{name: "pool that is denied", before: before, request: put(latest(beyond)), want: denied(outOfRange())},
		{name: "without required fields", before: before, request: put(latest(`{"range": "10.0.0.0/24", "allocations": {"1": {}}}`)),
			want: invalid(required("spec.allocations.1.id"), required("spec.allocations.1.podref"))},
		{name: "without allocations, of an empty pool", before: before, request: put(latest(`{"range": "10.0.0.0/24"}`)),
			want: ok(pool(empty), noAllocations), after: []string{pool(empty)}},
		// If it were normalized to allocations: {}, it would remove all allocations.
		{name: "without allocations, of a pool in use", before: []string{pool(inUse)}, request: put(latest(`{"range": "10.0.0.0/24"}`)),
			want: invalid(required("spec.allocations"))},

		{name: "name that is not there", request: put(pool(inUse)), want: notFound()},
		{name: "another name in the body", before: before, request: with(`{"name": "10.0.1.0-24", "resourceVersion": "{resourceVersion}"}`),
			want: otherName()},
		{name: "no name in the body", before: before, request: with(`{"resourceVersion": "{resourceVersion}"}`),
			want: badRequest("the name of the object (10.0.0.0-24 based on URL) was undeterminable: name must be provided")},
		{name: "another namespace in the body", before: before, request: with(`{"name": "10.0.0.0-24", "namespace": "other"}`),
			want: otherNamespace()},
		{name: "no resourceVersion", before: before, request: with(`{"name": "10.0.0.0-24"}`),
			want: invalidObject(*thePool(), invalidValue("metadata.resourceVersion", "0: must be specified for an update"))},
		{name: "older resourceVersion", before: before, request: with(`{"name": "10.0.0.0-24", "resourceVersion": "1"}`), want: conflict()},
		{name: "another uid", before: before, request: with(`{"name": "10.0.0.0-24", "uid": "other", "resourceVersion": "{resourceVersion}"}`),
			want: rejected(http.StatusConflict, metav1.StatusReasonConflict, thePool(), `Operation cannot be fulfilled on ippools.whereabouts.cni.cncf.io "10.0.0.0-24": `+
				`StorageError: invalid object, Code: 4, Key: /registry/whereabouts.cni.cncf.io/ippools/{namespace}/10.0.0.0-24, ResourceVersion: 0, `+
				`AdditionalErrorMsg: Precondition failed: UID in precondition: other, UID in object meta: {uid}`)},
		{name: "another kind", before: before, request: put(strings.Replace(latest(inUse), kind, "NodeSlicePool", 1)),
			want: otherKind("NodeSlicePool")},
		{name: "content type of another kind", before: before, request: put("").with("text/plain", latest(inUse)),
			want: unsupportedMediaType(mediaTypes)},
	})
}
