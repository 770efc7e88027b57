package review_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admission/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"ippool-webhook/webhook/review"
)

// TestAppendTo decodes encoded responses into the types of k8s.io/api.
func TestAppendTo(t *testing.T) {
	jsonPatch := admissionv1.PatchTypeJSONPatch
	invalid, status := denial(field.ErrorList{
		field.Required(field.NewPath("spec", "range"), "want a range (rule range-required)"),
		field.Invalid(field.NewPath("spec", "allocations").Key("5").Child("podref"), "we\"b\n\u00e9", "want <namespace/name> & more (rule podref-syntax)"),
	})
	for _, test := range []struct {
		name     string
		response review.Response
		want     admissionv1.AdmissionResponse
	}{
		{
			"allowed",
			review.Response{Allowed: true},
			admissionv1.AdmissionResponse{Allowed: true},
		},
		{
			"allowed with one warning",
			review.Response{Allowed: true, Warnings: []string{"one"}},
			admissionv1.AdmissionResponse{Allowed: true, Warnings: []string{"one"}},
		},
		{
			"allowed with warnings and audit annotations",
			review.Response{
				Allowed: true, Warnings: []string{`one "quoted"`, "two\n", "\u2028 <three>"},
				AuditAnnotations: []review.Annotation{{Key: "offset-alias", Value: "Warn spec.allocations[05]"}, {Key: "id-required", Value: `"`}},
			},
			admissionv1.AdmissionResponse{
				Allowed: true, Warnings: []string{`one "quoted"`, "two\n", "\u2028 <three>"},
				AuditAnnotations: map[string]string{"offset-alias": "Warn spec.allocations[05]", "id-required": `"`},
			},
		},
		{
			"patched",
			review.Response{Allowed: true, Patch: []byte(`[{"op":"add","path":"/spec/allocations","value":{}}]`)},
			admissionv1.AdmissionResponse{Allowed: true, Patch: []byte(`[{"op":"add","path":"/spec/allocations","value":{}}]`), PatchType: &jsonPatch},
		},
		{
			"denied",
			review.Response{Status: invalid},
			admissionv1.AdmissionResponse{Result: status},
		},
		{
			"denied with everything",
			review.Response{Status: invalid, Warnings: []string{"one"}, AuditAnnotations: []review.Annotation{{Key: "range-required", Value: "Deny spec.range"}}},
			admissionv1.AdmissionResponse{Result: status, Warnings: []string{"one"}, AuditAnnotations: map[string]string{"range-required": "Deny spec.range"}},
		},
		{
			"denied without causes",
			review.Response{Status: review.Status{Code: http.StatusBadRequest, Reason: "BadRequest", Message: "strict decoding error", Name: "not told"}},
			admissionv1.AdmissionResponse{Result: &metav1.Status{Status: "Failure", Code: http.StatusBadRequest, Reason: metav1.StatusReasonBadRequest, Message: "strict decoding error"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.response.UID, test.want.UID = "705ab4f5-6393-11e8-b7cc-42010a800002", "705ab4f5-6393-11e8-b7cc-42010a800002"
			want := admissionv1.AdmissionReview{
				TypeMeta: metav1.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"}, Response: &test.want,
			}
			if diff := cmp.Diff(want, decode(t, test.response.AppendTo(nil))); diff != "" {
				t.Errorf("review (-want +got):\n%s", diff)
			}
		})
	}
}

// denial returns the same denial as a review.Status and as the metav1.Status that k8s.io/apimachinery builds.
func denial(errs field.ErrorList) (review.Status, *metav1.Status) {
	var invalid *apierrors.StatusError
	errors.As(apierrors.NewInvalid(schema.GroupKind{Group: "whereabouts.cni.cncf.io", Kind: "IPPool"}, "10.0.0.0-24", errs), &invalid)
	theirs := invalid.Status()
	ours := review.Status{Code: int(theirs.Code), Reason: string(theirs.Reason), Message: theirs.Message, Name: theirs.Details.Name}
	for _, cause := range theirs.Details.Causes {
		ours.Causes = append(ours.Causes, review.Cause{Reason: string(cause.Type), Message: cause.Message, Field: cause.Field})
	}
	return ours, &theirs
}

func TestAppendToAppends(t *testing.T) {
	response := review.Response{UID: "u", Allowed: true}
	got := string(response.AppendTo([]byte("before ")))
	if want := "before " + `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"u","allowed":true}}` + "\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestAppendToEscapes checks that a text from a request cannot change the structure of the response.
func TestAppendToEscapes(t *testing.T) {
	for _, text := range []string{`"`, `\`, "\x00\x1f", "\u2028", "\x7f", "</script>", `","allowed":true,"x":"`} {
		response := review.Response{
			UID: text, Status: review.Status{Code: 422, Reason: text, Message: text, Name: text, Causes: []review.Cause{{Reason: text, Message: text, Field: text}}},
			Warnings: []string{text}, AuditAnnotations: []review.Annotation{{Key: text, Value: text}},
		}
		got := decode(t, response.AppendTo(nil)).Response
		want := &admissionv1.AdmissionResponse{
			UID: types.UID(text),
			Result: &metav1.Status{
				Status: "Failure", Code: 422, Reason: metav1.StatusReason(text), Message: text,
				Details: &metav1.StatusDetails{
					Group: "whereabouts.cni.cncf.io", Kind: "IPPool", Name: text,
					Causes: []metav1.StatusCause{{Type: metav1.CauseType(text), Message: text, Field: text}},
				},
			},
			Warnings: []string{text}, AuditAnnotations: map[string]string{text: text},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestInvalidUTF8IsReplaced(t *testing.T) {
	response := review.Response{UID: "u", Allowed: true, Warnings: []string{"a\xffb"}}
	if got := decode(t, response.AppendTo(nil)).Response.Warnings; len(got) != 1 || got[0] != "a\ufffdb" {
		t.Errorf("the warnings are %q, want one with U+FFFD", got)
	}
}

func TestResponseReset(t *testing.T) {
	response := review.Response{
		UID: "old", Status: review.Status{Code: 422, Reason: "Invalid", Message: "m", Name: "n", Causes: []review.Cause{{Message: "m"}}},
		Warnings: []string{"w"}, AuditAnnotations: []review.Annotation{{Key: "k"}}, Patch: []byte("[]"),
	}
	response.Reset("new")
	want := admissionv1.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"},
		Response: &admissionv1.AdmissionResponse{UID: "new", Allowed: true},
	}
	if diff := cmp.Diff(want, decode(t, response.AppendTo(nil))); diff != "" {
		t.Errorf("review (-want +got):\n%s", diff)
	}
	response.Status.Code = http.StatusBadRequest
	want.Response.Result = &metav1.Status{Status: "Failure", Code: http.StatusBadRequest}
	if diff := cmp.Diff(want, decode(t, response.AppendTo(nil))); diff != "" {
		t.Errorf("review with a status (-want +got):\n%s", diff)
	}
}

func TestAppendToAllocatesNothing(t *testing.T) {
	status, _ := denial(field.ErrorList{field.Required(field.NewPath("spec", "range"), "want a range")})
	response := review.Response{UID: "u", Status: status, Warnings: []string{"one", "two"}, AuditAnnotations: []review.Annotation{{Key: "k", Value: "v"}}, Patch: []byte("[]")}
	buf := make([]byte, 0, 4096)
	if allocations := testing.AllocsPerRun(10, func() { buf = response.AppendTo(buf[:0]) }); allocations != 0 {
		t.Errorf("AppendTo allocates memory %v times, want 0", allocations)
	}
}

// decode decodes a response like the API server, but does not allow unknown fields.
func decode(t *testing.T, text []byte) admissionv1.AdmissionReview {
	t.Helper()
	var got admissionv1.AdmissionReview
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&got); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if decoder.More() {
		t.Fatalf("more than one value: %s", text)
	}
	return got
}
