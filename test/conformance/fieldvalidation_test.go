package conformance

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ippool-webhook/test/environment"
)

// stray is a spec with unknown or duplicate fields.
type stray struct {
	name, spec    string
	duplicates    []string // paths
	unknown       []string // paths
	dropped, kept string   // the stored spec if the CRD drops unknown fields, and if it preserves them; of duplicate fields, the last is stored
}

func strays() []stray {
	return []stray{
		{
			name: "unknown fields", spec: `{"range": "10.0.0.0/24", "bogus": 1, "allocations": {"1": {"id": "0f00", "podref": "default/web-0", "ifName": "net1"}}}`,
			unknown: []string{"spec.allocations.1.ifName", "spec.bogus"},
			dropped: `{"range": "10.0.0.0/24", "allocations": {"1": {"id": "0f00", "podref": "default/web-0"}}}`,
			kept:    `{"range": "10.0.0.0/24", "bogus": 1, "allocations": {"1": {"id": "0f00", "podref": "default/web-0", "ifName": "net1"}}}`,
		},
		{
			name: "duplicate fields", spec: `{"range": "10.0.9.0/24", "range": "10.0.0.0/24", "allocations": {"1": {"id": "0f09", "podref": "default/web-0", "id": "0f00"}}}`,
			duplicates: []string{"spec.range", "spec.allocations.1.id"},
			dropped:    `{"range": "10.0.0.0/24", "allocations": {"1": {"id": "0f00", "podref": "default/web-0"}}}`,
			kept:       `{"range": "10.0.0.0/24", "allocations": {"1": {"id": "0f00", "podref": "default/web-0"}}}`,
		},
		{
			name: "both", spec: `{"range": "10.0.9.0/24", "bogus": 1, "range": "10.0.0.0/24", "allocations": {"1": ` +
				`{"id": "0f09", "id": "0f00", "podref": "default/web-0", "ifName": "net1"}}}`,
			duplicates: []string{"spec.range", "spec.allocations.1.id"},
			unknown:    []string{"spec.allocations.1.ifName", "spec.bogus"},
			dropped:    `{"range": "10.0.0.0/24", "allocations": {"1": {"id": "0f00", "podref": "default/web-0"}}}`,
			kept:       `{"range": "10.0.0.0/24", "bogus": 1, "allocations": {"1": {"id": "0f00", "podref": "default/web-0", "ifName": "net1"}}}`,
		},
	}
}

// TestFieldValidation uses the CRD of the project, which drops unknown fields. The API server reports them itself.
func TestFieldValidation(t *testing.T) {
	for _, w := range writes() {
		for _, s := range strays() {
			if w.typed && len(s.unknown) > 0 {
				continue // see below
			}
			t.Run(w.name+"/"+s.name, func(t *testing.T) {
				told := slices.Concat(w.duplicates(s.duplicates), unknownFields(s.unknown))
				runLevels(t, w, s.spec, w.success(pool(s.dropped)), told, w.strict(told))
			})
		}
		if w.typed {
			// One field: of several fields the API server names some, and not always the same.
			t.Run(w.name+"/unknown field", func(t *testing.T) {
				runLevels(t, w, `{"range": "10.0.0.0/24", "bogus": 1}`, notInSchema("spec.bogus"), nil, notInSchema("spec.bogus"))
			})
		}
	}
	t.Run("outside of spec", func(t *testing.T) {
		told := unknownFields([]string{"metadata.bogus", "status"})
		runLevels(t, outsideOfSpec(), empty, created(pool(empty)), told, strictDecoding(told))
	})
}

// TestFieldValidationOfKeptFields uses a CRD that preserves unknown fields. Only the webhook can report these, in the words of
// the API server. The API server still reports duplicate fields and unknown metadata. With Strict, it rejects the request
// before it calls a webhook, so the findings of the webhook are missing.
func TestFieldValidationOfKeptFields(t *testing.T) {
	setSchema(t, environment.Keeping)
	defer setSchema(t, environment.Installed)
	for _, w := range writes() {
		for _, s := range strays() {
			duplicates, unknown := w.duplicates(s.duplicates), unknownFields(s.unknown)
			rejection := w.strict(duplicates)
			if len(duplicates) == 0 {
				rejection = byWebhook(strictDecoding(unknown))
			}
			t.Run(w.name+"/"+s.name, func(t *testing.T) {
				runLevels(t, w, s.spec, w.success(pool(s.kept)), slices.Concat(duplicates, unknown), rejection)
			})
		}
	}
	t.Run("outside of spec", func(t *testing.T) {
		kept := strings.TrimSuffix(pool(empty), "}") + `, "status": {}}`
		told := unknownFields([]string{"metadata.bogus"}) // the webhook has status in its schema
		runLevels(t, outsideOfSpec(), empty, created(kept), told, strictDecoding(told))
	})
}

// outsideOfSpec is a way to write the spec of 10.0.0.0-24 with unknown fields outside of spec.
func outsideOfSpec() write {
	return write{success: created, request: func(spec, query string) request {
		text := withMetadata(`{"name": "10.0.0.0-24", "bogus": 1}`, spec)
		return post(strings.TrimSuffix(text, "}")+`, "status": {}}`, query)
	}}
}

// runLevels sends a request at every level of field validation. Strict has its own answer; the answers of the other levels
// differ in warnings.
func runLevels(t *testing.T, w write, spec string, lenient answer, told []string, strict answer) {
	t.Helper()
	warned := lenient.warning(told...)
	var after []string
	if text, stored := lenient.Body.(object); stored {
		after = []string{string(text)}
	}
	run(t, []row{
		{name: "absent", before: w.before, request: w.request(spec, ""), want: warned, after: after},
		{name: "Ignore", before: w.before, request: w.request(spec, "fieldValidation=Ignore"), want: lenient, after: after},
		{name: "Warn", before: w.before, request: w.request(spec, "fieldValidation=Warn"), want: warned, after: after},
		{name: "Strict", before: w.before, request: w.request(spec, "fieldValidation=Strict"), want: strict},
	})
}

func unknownFields(paths []string) []string {
	var fields []string
	for _, path := range paths {
		fields = append(fields, fmt.Sprintf("unknown field %q", path))
	}
	return fields
}

// TestFieldValidationValues checks the valid levels.
func TestFieldValidationValues(t *testing.T) {
	const supported = `: supported values: "", "Ignore", "Strict", "Warn"`
	for _, w := range writes() {
		run(t, []row{{name: w.name, before: w.before, request: w.request(empty, "fieldValidation=strict"),
			want: invalidOptions(w.options, unsupportedValue("fieldValidation", `"strict"`+supported))}})
	}
	run(t, []row{{name: "empty", request: post(pool(`{"range": "10.0.0.0/24", "bogus": 1}`), "fieldValidation="),
		want: created(pool(empty), append(unknownFields([]string{"spec.bogus"}), noAllocations)...), after: []string{pool(empty)}}})
}

// setSchema changes the CRD.
func setSchema(t *testing.T, schema environment.Schema) {
	t.Helper()
	if err := suite.SetSchema(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
}
