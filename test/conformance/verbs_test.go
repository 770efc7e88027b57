package conformance

import (
	"net/http"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestUnsupported sends requests that a path does not support. For custom resources the API server rejects most of them with
// other codes than 405.
func TestUnsupported(t *testing.T) {
	before := []string{pool(inUse)}
	notThere := answer{Code: http.StatusNotFound, Body: "404 page not found\n"}
	nameless := badRequest("name must be provided")
	notAllowed := rejected(http.StatusMethodNotAllowed, metav1.StatusReasonMethodNotAllowed, &metav1.StatusDetails{Group: group, Kind: resource},
		` is not supported on resources of kind "ippools.whereabouts.cni.cncf.io"`)
	run(t, []row{
		{name: "POST to all namespaces", request: post(pool(empty)).to(allPools), want: notThere},
		{name: "PUT to all namespaces", before: before, request: put(latest(empty)).to(allPools), want: notThere},
		{name: "PATCH of all namespaces", before: before, request: patch(mergePatch, `{}`).to(allPools), want: notThere},
		{name: "DELETE of all namespaces", before: before, request: remove(allPools), want: notThere},
		{name: "PUT to a namespace", before: before, request: put(latest(empty)).to(pools), want: nameless},
		{name: "PATCH of a namespace", before: before, request: patch(mergePatch, `{}`).to(pools), want: nameless},
		{name: "OPTIONS of a pool", before: before, request: request{method: http.MethodOptions, path: onePool}, want: notAllowed},
		{name: "another version", before: before, request: get(strings.Replace(onePool, "v1alpha1", "v1", 1)), want: notThere},
		// The API server handles it as a POST to the namespace.
		{name: "POST to a pool", request: post(pool(empty)).to(onePool), want: created(pool(empty)), after: []string{pool(empty)}},
	})
}
