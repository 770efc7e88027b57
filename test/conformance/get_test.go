package conformance

import (
	"net/http"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestGet reads a pool.
func TestGet(t *testing.T) {
	before := []string{pool(inUse)}
	run(t, []row{
		{name: "pool", before: before, request: get(onePool), want: ok(pool(inUse))},
		{name: "pool that is malformed", before: []string{pool(`{"range": "10.0.0.5/24", "allocations": {"x": ` + web0 + `}}`)},
			request: get(onePool), want: ok(pool(`{"range": "10.0.0.5/24", "allocations": {"x": ` + web0 + `}}`))},
		{name: "name that is not there", request: get(onePool), want: notFound()},
		{name: "metadata alone", before: before, request: get(onePool).accepting("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"),
			want: ok(`{"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": {"name": "10.0.0.0-24"}}`)},
		{name: "media type that is not there", before: before, request: get(onePool).accepting("text/plain"),
			want: rejected(http.StatusNotAcceptable, metav1.StatusReasonNotAcceptable, nil,
				"only the following media types are accepted: "+mediaTypes)},
	})
}
