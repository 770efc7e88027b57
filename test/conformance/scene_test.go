package conformance

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// scene is a namespace and its pools. The texts of a row have placeholders for values that exist only when the row runs:
// {namespace}, {uid} and {resourceVersion}, the last two of the first pool.
type scene struct {
	before     []map[string]any // the pools
	fill, hide *strings.Replacer
}

// newScene creates a namespace with these pools, which are in the order of their names.
func newScene(t *testing.T, before ...string) *scene {
	t.Helper()
	namespace, err := suite.Namespace(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{
		before: []map[string]any{},
		fill:   strings.NewReplacer("{namespace}", namespace), hide: strings.NewReplacer(namespace, "{namespace}"),
	}
	for i, text := range before {
		code, _, body := s.do(t, post(text, "fieldValidation=Ignore").as(whereabouts))
		if code != http.StatusCreated {
			t.Fatalf("cannot prepare the row: %s", body)
		}
		if i == 0 {
			first := metadata(t, body)
			uid, version := string(first.UID), first.ResourceVersion
			s.fill = strings.NewReplacer("{namespace}", namespace, "{uid}", uid, "{resourceVersion}", version)
			// A resourceVersion is a small number, which can have another meaning outside of parentheses.
			s.hide = strings.NewReplacer(namespace, "{namespace}", uid, "{uid}", "("+version+")", "({resourceVersion})")
		}
		s.before = append(s.before, decode(t, s.hide.Replace(string(body))))
	}
	return s
}

func metadata(t *testing.T, body []byte) metav1.ObjectMeta {
	t.Helper()
	var object metav1.PartialObjectMetadata
	if err := json.Unmarshal(body, &object); err != nil {
		t.Fatal(err)
	}
	return object.ObjectMeta
}

// stored returns the pools with all fields of the API server.
func (s *scene) stored(t *testing.T) []map[string]any {
	t.Helper()
	code, _, body := s.do(t, get(pools).as(whereabouts))
	var list struct{ Items []map[string]any }
	if err := json.Unmarshal(body, &list); err != nil || code != http.StatusOK {
		t.Fatalf("cannot list the pools: %s", body)
	}
	return list.Items
}

// send sends a request and returns the answer.
func (s *scene) send(t *testing.T, q request) answer {
	t.Helper()
	code, header, body := s.do(t, q)
	a := answer{Code: code, Warnings: s.warnings(t, header)}
	var object map[string]any
	switch {
	case json.Unmarshal(body, &object) != nil:
		a.Body = string(body)
	case object["kind"] == "Status":
		a.Body = status(t, body)
	case q.path == allPools:
		a.Body = tidy(onlyOurs(object))
	default:
		a.Body = tidy(object)
	}
	return a
}

// do sends a request and returns the answer unchanged, except for placeholders in its body.
func (s *scene) do(t *testing.T, q request) (code int, header http.Header, body []byte) {
	t.Helper()
	url := suite.url + s.fill.Replace(q.path)
	if q.query != "" {
		url += "?" + s.fill.Replace(q.query)
	}
	r, err := http.NewRequestWithContext(t.Context(), q.method, url, strings.NewReader(s.fill.Replace(q.body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("User-Agent", "conformance/v1") // the API server derives the field manager from it
	for name, value := range map[string]string{"Content-Type": q.contentType, "Accept": q.accept} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	response, err := suite.clients[q.user].Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if body, err = io.ReadAll(response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, []byte(s.hide.Replace(string(body)))
}

// warnings returns the texts of the Warning headers. The rest of the headers is always the same.
func (s *scene) warnings(t *testing.T, header http.Header) []string {
	t.Helper()
	parsed, failures := utilnet.ParseWarningHeaders(header["Warning"])
	if len(failures) > 0 {
		t.Errorf("Warning headers %q: %v", header["Warning"], failures)
	}
	var texts []string
	for _, warning := range parsed {
		if warning.Code != 299 || warning.Agent != "-" {
			t.Errorf(`Warning header of code %d and agent %q, want 299 and "-"`, warning.Code, warning.Agent)
		}
		texts = append(texts, s.hide.Replace(warning.Text))
	}
	return texts
}

// status decodes a Status. If the API server rejects a patch, it quotes the complete object after the patch, with times and
// managedFields; a placeholder replaces the object.
func status(t *testing.T, body []byte) metav1.Status {
	t.Helper()
	var status metav1.Status
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&status); err != nil {
		t.Fatal(err)
	}
	quoted := regexp.MustCompile(`Invalid value: "\{(\\.|[^"\\])*": strict decoding error`)
	hide := func(text string) string {
		return quoted.ReplaceAllLiteralString(text, `Invalid value: "{object}": strict decoding error`)
	}
	status.Message = hide(status.Message)
	if status.Details != nil {
		for i := range status.Details.Causes {
			status.Details.Causes[i].Message = hide(status.Details.Causes[i].Message)
		}
	}
	return status
}

// onlyOurs returns a list of all namespaces without the pools of other rows.
func onlyOurs(list map[string]any) map[string]any {
	items, _ := list["items"].([]any)
	list["items"] = slices.DeleteFunc(items, func(item any) bool {
		pool, _ := item.(map[string]any)
		metadata, _ := pool["metadata"].(map[string]any)
		return metadata["namespace"] != "{namespace}"
	})
	return list
}
