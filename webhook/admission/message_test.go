package admission_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admission/v1"
	"sigs.k8s.io/yaml"

	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/review"
)

// badInput is a request that a user could send by mistake, and what the user reads.
type badInput struct {
	Name      string                `json:"name"`
	Operation admissionv1.Operation `json:"operation"`
	Metadata  map[string]any        `json:"metadata,omitempty"`
	Old       map[string]any        `json:"old,omitempty"`  // spec of the stored pool
	Spec      map[string]any        `json:"spec,omitempty"` // spec of the request; absent if the object has none
	Strict    bool                  `json:"strict,omitempty"`
	Code      int                   `json:"code,omitempty"` // absent if the request is allowed
	Message   string                `json:"message,omitempty"`
	Causes    []string              `json:"causes,omitempty"`
	Warnings  []string              `json:"warnings,omitempty"`
}

// TestMessages holds what a user reads about bad input, complete. UPDATE_GOLDEN=1 rewrites testdata/messages.yaml.
func TestMessages(t *testing.T) {
	const path, minimum = "testdata/messages.yaml", 60
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var inputs []badInput
	if err := yaml.UnmarshalStrict(text, &inputs); err != nil {
		t.Fatal(err)
	}
	if len(inputs) < minimum {
		t.Errorf("%d inputs, want at least %d", len(inputs), minimum)
	}
	e := newEvaluator(t, policy.Default())
	for i := range inputs {
		want, got := inputs[i], &inputs[i]
		t.Run(want.Name, func(t *testing.T) {
			got.answer(evaluate(t, e, admission.Enforce, got.request(t)))
			if got.Code == 0 && len(got.Warnings) == 0 {
				t.Error("the request is allowed without a warning")
			}
			if diff := cmp.Diff(want, *got); diff != "" && os.Getenv("UPDATE_GOLDEN") == "" {
				t.Errorf("messages (-want +got):\n%s\nUPDATE_GOLDEN=1 rewrites them", diff)
			}
		})
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		rewrite(t, path, inputs)
	}
}

// request returns the request of a user with bad input.
func (b *badInput) request(t *testing.T) *review.Request {
	t.Helper()
	fieldValidation := ""
	if b.Strict {
		fieldValidation = "Strict"
	}
	switch b.Operation {
	case admissionv1.Create:
		return newRequest(t, b.Operation, fieldValidation, b.object(t, b.Spec), "")
	case admissionv1.Delete:
		return newRequest(t, b.Operation, fieldValidation, "", b.object(t, b.Old))
	default:
		return newRequest(t, b.Operation, fieldValidation, b.object(t, b.Spec), b.object(t, b.Old))
	}
}

// object returns the pool with a spec, as JSON.
func (b *badInput) object(t *testing.T, spec map[string]any) string {
	t.Helper()
	metadata := map[string]any{"name": "10.0.0.0-24", "namespace": "kube-system"}
	maps.Copy(metadata, b.Metadata)
	object := map[string]any{"apiVersion": "whereabouts.cni.cncf.io/v1alpha1", "kind": "IPPool", "metadata": metadata}
	if spec != nil {
		object["spec"] = spec
	}
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// answer sets what the user reads: the causes if there are any, otherwise the message.
func (b *badInput) answer(r *admission.Result) {
	status := r.Response.Status
	b.Code, b.Message, b.Causes, b.Warnings = status.Code, "", nil, r.Response.Warnings
	if len(status.Causes) == 0 {
		b.Message = status.Message
	}
	for _, cause := range status.Causes {
		b.Causes = append(b.Causes, cause.Field+": "+cause.Message)
	}
}

// rewrite writes the inputs with what the user reads.
func rewrite(t *testing.T, path string, inputs []badInput) {
	t.Helper()
	text, err := yaml.Marshal(inputs)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(text, []byte("\n- "), []byte("\n\n- ")), 0o644); err != nil {
		t.Fatal(err)
	}
}
