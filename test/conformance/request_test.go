package conformance

import (
	"net/http"
	"strings"
)

// The paths of the API.
const (
	allPools = "/apis/whereabouts.cni.cncf.io/v1alpha1/ippools"
	pools    = "/apis/whereabouts.cni.cncf.io/v1alpha1/namespaces/{namespace}/ippools"
	onePool  = pools + "/10.0.0.0-24"
)

// The content types of requests.
const (
	plainJSON  = "application/json"
	jsonPatch  = "application/json-patch+json"
	mergePatch = "application/merge-patch+json"
	applyPatch = "application/apply-patch+yaml"

	// mediaTypes is the list of the content types of objects in messages of the API server.
	mediaTypes = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
)

// request is a request of a client. Its texts have placeholders for values that exist only when it is sent: see scene.
type request struct {
	user                user
	method, path, query string
	contentType, body   string
	accept              string
}

func get(path string, query ...string) request {
	return request{method: http.MethodGet, path: path, query: strings.Join(query, "&")}
}

// post creates a pool.
func post(body string, query ...string) request {
	return request{method: http.MethodPost, path: pools, query: strings.Join(query, "&"), contentType: plainJSON, body: body}
}

// put replaces 10.0.0.0-24.
func put(body string, query ...string) request {
	return request{method: http.MethodPut, path: onePool, query: strings.Join(query, "&"), contentType: plainJSON, body: body}
}

// patch patches 10.0.0.0-24.
func patch(contentType, body string, query ...string) request {
	return request{method: http.MethodPatch, path: onePool, query: strings.Join(query, "&"), contentType: contentType, body: body}
}

// apply applies 10.0.0.0-24 as a manifest.
func apply(body string, query ...string) request {
	return patch(applyPatch, body, append(query, "fieldManager=jane")...)
}

// remove deletes the objects at a path.
func remove(path string, query ...string) request {
	return request{method: http.MethodDelete, path: path, query: strings.Join(query, "&")}
}

// removeWith deletes 10.0.0.0-24 with DeleteOptions.
func removeWith(options string) request {
	return remove(onePool).with(plainJSON, `{"apiVersion": "v1", "kind": "DeleteOptions", `+options+`}`)
}

// as returns the request with another user.
func (q request) as(who user) request {
	q.user = who
	return q
}

// to returns the request with another path.
func (q request) to(path string) request {
	q.path = path
	return q
}

// with returns the request with another body.
func (q request) with(contentType, body string) request {
	q.contentType, q.body = contentType, body
	return q
}

// accepting returns the request for an answer of another content type.
func (q request) accepting(contentType string) request {
	q.accept = contentType
	return q
}
