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
	before  []string // the pools that it needs
	request func(spec, query string) request
	success func(text string, warnings ...string) answer
	options string // what the API server calls its query parameters

	// typed is about writes whose fields have to be in the schema whatever field validation says.
	typed bool
	// duplicates returns how the API server tells of duplicate fields.
	duplicates func(paths []string) []string
	// strict is the API server's refusal for fields.
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

// duplicatesOfJSONPatch tells of every field twice: where it is in the patch, and where it is in the pool.
func duplicatesOfJSONPatch(paths []string) []string {
	var fields []string
	for _, path := range paths {
		fields = append(fields, fmt.Sprintf("json patch duplicate field %q", strings.Replace(path, "spec", "[0].value", 1)))
	}
	return append(fields, duplicateFields(paths)...)
}

// duplicateKeys tells in the words of YAML, which apply takes everything for.
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

// strictPatch is a 422, where strictDecoding is a 400: it is not the patch that cannot be decoded, but what it makes of the
// pool.
func strictPatch(fields []string) answer {
	return invalidObject(metav1.StatusDetails{}, invalidValue("patch", `"{object}": strict decoding error: `+strings.Join(fields, ", ")))
}

func strictYAML(keys []string) answer {
	return badRequest("error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  " + strings.Join(keys, "\n  "))
}

// notInSchema is the API server's refusal to apply a manifest with a field that the schema does not have. It tells no client
// error, because what it fails to make of the manifest is something of its own.
func notInSchema(path string) answer {
	return refused(http.StatusInternalServerError, "", nil,
		"failed to create typed patch object (/10.0.0.0-24; whereabouts.cni.cncf.io/v1alpha1, Kind=IPPool): ."+path+": field not declared in schema")
}
