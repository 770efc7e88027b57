package conformance

import (
	"net/http"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
)

// serverMinor returns the minor version of the API server, such as 36.
func serverMinor(config *rest.Config) (int, error) {
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return 0, err
	}
	version, err := client.ServerVersion()
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(version.Minor)
}

// inVersion returns an answer of Kubernetes 1.36, which the rows have, as the API server of another version words it. The answers differ
// only for bodies that the API server cannot decode, before it calls a webhook.
func (a answer) inVersion(minor int) answer {
	status, ok := a.Body.(metav1.Status)
	switch {
	case !ok:
		return a
	case minor >= 37:
		status.Message = strings.Replace(status.Message, "decoding YAML: ", "decoding patch: ", 1)
		status.Message = strings.Replace(status.Message, "error decoding patch: unexpected end of JSON input", "invalid JSON patch", 1)
	case minor < 35 && strings.Contains(status.Message, "Go struct field DeleteOptions"):
		a.Code, status.Code, status.Reason = http.StatusInternalServerError, http.StatusInternalServerError, ""
	}
	a.Body = status
	return a
}
