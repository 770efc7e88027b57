package conformance

import (
	"fmt"
	"net/http"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// write is a way to write the spec of 10.0.0.0-24.
type write struct {
	name    string
	before  []string // the pools that it requires
	request func(spec, query string) request
	success func(text string, warnings ...string) answer
	options string // the name of its query parameters in the API

	// typed is true for requests whose fields must be in the schema at every level of field validation.
	typed bool
	// duplicates returns the message of the API server about duplicate fields.
	duplicates func(paths []string) []string
	// strict is the answer of the API server that rejects fields.
	strict func(fields []string) answer
}

func writes() []write {
	before := []string{pool(empty)}
	return []write{
		{
			name: "POST", success: created, options: "CreateOptions", duplicates: duplicateFields, strict: strictDecoding,
			request: func(spec, query string) request { return post(pool(spec), query) },
		},
		{
			name: "PUT", before: before, success: ok, options: "UpdateOptions", duplicates: duplicateFields, strict: strictDecoding,
			request: func(spec, query string) request { return put(latest(spec), query) },
		},
		{
			name: "JSON patch", before: before, success: ok, options: "PatchOptions", duplicates: duplicatesOfJSONPatch, strict: strictPatch,
			request: func(spec, query string) request {
				return patch(jsonPatch, `[{"op": "replace", "path": "/spec", "value": `+spec+`}]`, query)
			},
		},
		{
			name: "merge patch", before: before, success: ok, options: "PatchOptions", duplicates: duplicateFields, strict: strictPatch,
			request: func(spec, query string) request { return patch(mergePatch, `{"spec": `+spec+`}`, query) },
		},
		{
			name: "apply that creates", success: created, options: "PatchOptions", typed: true, duplicates: duplicateKeys, strict: strictYAML,
			request: func(spec, query string) request { return apply(pool(spec), query) },
		},
		{
			name: "apply", before: before, success: ok, options: "PatchOptions", typed: true, duplicates: duplicateKeys, strict: strictYAML,
			request: func(spec, query string) request { return apply(pool(spec), query) },
		},
	}
}

func duplicateFields(paths []string) []string {
	var fields []string
	for _, path := range paths {
		fields = append(fields, fmt.Sprintf("duplicate field %q", path))
	}
	return fields
}

// duplicatesOfJSONPatch reports each field twice: at its place in the patch, and at its place in the pool.
func duplicatesOfJSONPatch(paths []string) []string {
	var fields []string
	for _, path := range paths {
		fields = append(fields, fmt.Sprintf("json patch duplicate field %q", strings.Replace(path, "spec", "[0].value", 1)))
	}
	return append(fields, duplicateFields(paths)...)
}

// duplicateKeys reports in the words of YAML, because apply parses every body as YAML.
func duplicateKeys(paths []string) []string {
	var fields []string
	for _, path := range paths {
		fields = append(fields, fmt.Sprintf("line 1: key %q already set in map", path[strings.LastIndex(path, ".")+1:]))
	}
	return fields
}

func strictDecoding(fields []string) answer {
	return badRequest(`IPPool in version "v1alpha1" cannot be handled as a IPPool: strict decoding error: ` + strings.Join(fields, ", "))
}

// strictPatch is a 422, and strictDecoding is a 400: the API server can decode the patch, but not the patched pool.
func strictPatch(fields []string) answer {
	return invalidObject(metav1.StatusDetails{}, invalidValue("patch", `"{object}": strict decoding error: `+strings.Join(fields, ", ")))
}

func strictYAML(keys []string) answer {
	return badRequest("error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  " + strings.Join(keys, "\n  "))
}

// notInSchema is the answer of the API server that rejects an apply with a field that is not in the schema. Its code is not
// that of a client error, because the API server fails to convert the manifest.
func notInSchema(path string) answer {
	return rejected(http.StatusInternalServerError, "", nil,
		"failed to create typed patch object (/10.0.0.0-24; whereabouts.cni.cncf.io/v1alpha1, Kind=IPPool): ."+path+": field not declared in schema")
}
