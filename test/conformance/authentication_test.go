package conformance

import (
	"net/http"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestWithoutCredentials sends requests without credentials, which are all rejected. A cluster that allows anonymous requests,
// as kubeadm configures it, answers 403 instead; environment switches anonymous requests off.
func TestWithoutCredentials(t *testing.T) {
	unauthorized := rejected(http.StatusUnauthorized, metav1.StatusReasonUnauthorized, nil, "Unauthorized")
	before := []string{pool(empty)}
	run(t, []row{
		{name: "GET of all namespaces", before: before, request: get(allPools).as(nobody), want: unauthorized},
		{name: "GET of a namespace", before: before, request: get(pools).as(nobody), want: unauthorized},
		{name: "GET", before: before, request: get(onePool).as(nobody), want: unauthorized},
		{name: "POST", request: post(pool(empty)).as(nobody), want: unauthorized},
		{name: "PUT", before: before, request: put(latest(inUse)).as(nobody), want: unauthorized},
		{name: "JSON patch", before: before, request: patch(jsonPatch, `[]`).as(nobody), want: unauthorized},
		{name: "merge patch", before: before, request: patch(mergePatch, `{}`).as(nobody), want: unauthorized},
		{name: "apply", before: before, request: apply(pool(inUse)).as(nobody), want: unauthorized},
		{name: "DELETE", before: before, request: remove(onePool).as(nobody), want: unauthorized},
		{name: "DELETE of a collection", before: before, request: remove(pools).as(nobody), want: unauthorized},
		{name: "unknown token", before: before, request: get(onePool).as(stranger), want: unauthorized},
	})
}
