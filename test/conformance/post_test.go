package conformance

import (
	"net/http"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestPost creates a pool.
func TestPost(t *testing.T) {
	bad := `{"range": "10.0.0.0/24", "allocations": {"0": ` + web0 + `, "1": {"id": "", "podref": "web-1"}, "300": {"id": "0f02", "podref": "default/web-2"}}}`
	badPodRef := invalidValue("spec.allocations[1].podref",
		`"web-1": must be <namespace>/<pod name>, such as default/web-0 (rule podref-syntax)`)
	const noID = `spec.allocations[1].id: Required value: must be the container id of the pod; without it, Whereabouts does not release the address when the pod is deleted (rule id-required)`
	run(t, []row{
		{name: "pool", request: post(pool(inUse)), want: created(pool(inUse)), after: []string{pool(inUse)}},
		{name: "pool that is normalized", request: post(pool(nonCanonical)), want: created(pool(inUse), trimmed, stored("+1", "1")), after: []string{pool(inUse)}},
		{name: "pool that is warned of", request: post(pool(first)),
			want:  created(pool(first), reserved),
			after: []string{pool(first)}},
		{name: "pool that is denied", request: post(pool(bad)), want: denied(badPodRef, outOfRange()).warning(reserved, noID)},
		{name: "pool that Whereabouts is warned of", request: post(pool(bad)).as(whereabouts),
			want:  created(pool(bad), asWarning(badPodRef), asWarning(outOfRange())),
			after: []string{pool(bad)}},
		{name: "name that is taken", before: []string{pool(empty)}, request: post(pool(inUse)),
			want: rejected(http.StatusConflict, metav1.StatusReasonAlreadyExists, thePool(), `ippools.whereabouts.cni.cncf.io "10.0.0.0-24" already exists`)},
		{name: "another namespace in the body", request: post(withMetadata(`{"name": "10.0.0.0-24", "namespace": "other"}`, empty)),
			want: otherNamespace()},
		{name: "namespace that is not there", request: post(pool(empty)).to(strings.Replace(pools, "{namespace}", "nowhere", 1)),
			want: rejected(http.StatusNotFound, metav1.StatusReasonNotFound, &metav1.StatusDetails{Name: "nowhere", Kind: "namespaces"}, `namespaces "nowhere" not found`)},
		// The correct code is 400, but the API server does not return the kind of the error.
		{name: "resourceVersion", request: post(withMetadata(`{"name": "10.0.0.0-24", "resourceVersion": "1"}`, empty)),
			want: rejected(http.StatusInternalServerError, "", nil, "resourceVersion should not be set on objects to be created")},
	})
}

// TestPostBody sends bodies that are not pools, and pools in other formats.
func TestPostBody(t *testing.T) {
	const unreadable = "the object provided is unrecognized (must be of type IPPool): couldn't get version/kind; json parse error: "
	yaml := "apiVersion: whereabouts.cni.cncf.io/v1alpha1\nkind: IPPool\nmetadata:\n  name: 10.0.0.0-24\nspec:\n  range: 10.0.0.0/24\n"
	run(t, []row{
		{name: "YAML", request: post("").with("application/yaml", yaml), want: created(pool(empty), noAllocations), after: []string{pool(empty)}},
		{name: "no content type", request: post("").with("", pool(empty)), want: created(pool(empty)), after: []string{pool(empty)}},
		{name: "content type of another kind", request: post("").with("text/plain", pool(empty)), want: unsupportedMediaType(mediaTypes)},
		{name: "content type of a patch", request: post("").with(mergePatch, pool(empty)), want: unsupportedMediaType(mediaTypes)},
		{name: "nothing", request: post(""), want: badRequest(unreadable + "unexpected end of JSON input (<empty>)")},
		{name: "no JSON", request: post(`{"kind":`), want: badRequest(unreadable + `unexpected end of JSON input ({"kind":)`)},
		{name: "a list", request: post(`[]`), want: badRequest(unreadable + `json: cannot unmarshal array into Go value of type ` +
			`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" } (5b5d)`)},
		{name: "more than 3 MiB", request: post(strings.Repeat(" ", 3<<20) + pool(empty)),
			want: rejected(http.StatusRequestEntityTooLarge, metav1.StatusReasonRequestEntityTooLarge, nil, "Request entity too large: limit is 3145728")},
	})
}
