package review_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ippool-webhook/webhook/admissiontest"
	"ippool-webhook/webhook/review"
)

func TestDecode(t *testing.T) {
	typed := admissiontest.NewReview("UPDATE", admissiontest.NewPool(2), admissiontest.NewPool(3))
	typed.Request.Options.Raw = []byte(`{"kind":"UpdateOptions","fieldValidation":"Strict"}`)
	var q review.Request
	if err := q.Decode(t.Context(), admissiontest.Body(typed), nil); err != nil {
		t.Fatal(err)
	}
	want := review.Head{
		UID: "705ab4f5-6393-11e8-b7cc-42010a800002", Group: "whereabouts.cni.cncf.io", Version: "v1alpha1", Kind: "IPPool",
		Namespace: "kube-system", Name: "10.0.0.0-16", Operation: "UPDATE", Username: "jane", FieldValidation: "Strict",
	}
	if diff := cmp.Diff(want, q.Head); diff != "" {
		t.Errorf("head (-want +got):\n%s", diff)
	}
	if n, old := len(q.Object.Allocations), len(q.OldObject.Allocations); n != 2 || old != 3 {
		t.Errorf("the object has %d allocations and the old object %d, want 2 and 3", n, old)
	}
}

func TestDecodeAnyOrder(t *testing.T) {
	body := ` {"extra":[{}],"request":{"dryRun":false,"kind":{"extra":1,"kind":"IPPool"},"options":{"extra":1},"oldObject":{"kind":"old"},"object":{"kind":"new"},"userInfo":{"groups":["g"],"username":"jane"},"operation":"UPDATE","uid":"u"},"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"} ` + "\n"
	var q review.Request
	if err := q.Decode(t.Context(), []byte(body), nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(review.Head{UID: "u", Kind: "IPPool", Operation: "UPDATE", Username: "jane"}, q.Head); diff != "" {
		t.Errorf("head (-want +got):\n%s", diff)
	}
	if q.Object.Kind != "new" || q.OldObject.Kind != "old" {
		t.Errorf("objects %q and %q, want new and old", q.Object.Kind, q.OldObject.Kind)
	}
}

// TestDecodeUsesTheLastValue decodes duplicate fields. An API server never sends them.
func TestDecodeUsesTheLastValue(t *testing.T) {
	for name, fields := range map[string]string{
		"kind":     `"kind":{"group":"g","version":"v","kind":"k"},"kind":{}`,
		"userInfo": `"userInfo":{"username":"jane"},"userInfo":{}`,
		"options":  `"options":{"fieldValidation":"Strict"},"options":null`,
		"name":     `"name":"a","name":null,"namespace":"b","namespace":"","operation":"CREATE","operation":null`,
		"uid":      `"uid":"first","uid":"u"`,
	} {
		var q review.Request
		if err := q.Decode(t.Context(), []byte(inReview(`"uid":"u",`+fields)), nil); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(review.Head{UID: "u"}, q.Head); diff != "" {
			t.Errorf("head after %s (-want +got):\n%s", name, diff)
		}
	}
}

// TestDecodeAcceptsObjectsOfAnyType checks that an object of a wrong type is not an error of Decode: the response to it needs the uid
// of the request.
func TestDecodeAcceptsObjectsOfAnyType(t *testing.T) {
	for _, object := range []string{`5`, `[]`, `"x"`, `true`, `{"spec":5}`, `{"spec":{"allocations":{"1":{"id":5}}}}`} {
		var q review.Request
		if err := q.Decode(t.Context(), []byte(inReview(`"uid":"u","object":`+object)), nil); err != nil {
			t.Errorf("%s: %v", object, err)
			continue
		}
		if !q.Object.Present || q.UID != "u" {
			t.Errorf("%s: Present = %v, UID = %q, want true and u", object, q.Object.Present, q.UID)
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	const noRequest = "the AdmissionReview has no request with a uid"
	for _, test := range []struct{ name, body, want string }{
		{"a list", `[]`, "the body must be an object, not a list"},
		{"a string", `"AdmissionReview"`, "the body must be an object, not a string"},
		{"a number", `5`, "the body must be an object, not a number"},
		{"null", `null`, `the body is "" of "": must be "AdmissionReview" of "admission.k8s.io/v1"`},
		{"empty object", `{}`, `the body is "" of "": must be "AdmissionReview" of "admission.k8s.io/v1"`},
		{"v1beta1", `{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{"uid":"u"}}`, `the body is "AdmissionReview" of "admission.k8s.io/v1beta1": must be "AdmissionReview" of "admission.k8s.io/v1"`},
		{"another kind", `{"apiVersion":"admission.k8s.io/v1","kind":"IPPool","request":{"uid":"u"}}`, `the body is "IPPool" of "admission.k8s.io/v1": must be "AdmissionReview" of "admission.k8s.io/v1"`},
		{"a pool", `{"apiVersion":"whereabouts.cni.cncf.io/v1alpha1","kind":"IPPool"}`, `the body is "IPPool" of "whereabouts.cni.cncf.io/v1alpha1": must be "AdmissionReview" of "admission.k8s.io/v1"`},
		{"long kind is truncated", `{"kind":"` + strings.Repeat("k", 100) + `"}`, `the body is "` + strings.Repeat("k", 64) + `" of "": must be "AdmissionReview" of "admission.k8s.io/v1"`},

		{"no request", `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}`, noRequest},
		{"null request", `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":null}`, noRequest},
		{"only a response", `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"u"}}`, noRequest},
		{"empty request", inReview(``), noRequest},
		{"empty uid", inReview(`"uid":""`), noRequest},
		{"null uid", inReview(`"uid":null`), noRequest},
		{"long uid", inReview(`"uid":"` + strings.Repeat("u", 129) + `"`), "request.uid has 129 bytes: must have at most 128"},
		{"uid replaced by null", inReview(`"uid":"u","uid":null`), noRequest},
		{"later request without uid", `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u"},"request":{}}`, noRequest},

		{"apiVersion", `{"apiVersion":1}`, "apiVersion must be a string, not a number"},
		{"kind", `{"kind":["AdmissionReview"]}`, "kind must be a string, not a list"},
		{"request", `{"request":"x"}`, "request must be an object, not a string"},
		{"uid", inReview(`"uid":7`), "request.uid must be a string, not a number"},
		{"name", inReview(`"name":true`), "request.name must be a string, not a boolean"},
		{"namespace", inReview(`"namespace":{}`), "request.namespace must be a string, not an object"},
		{"operation", inReview(`"operation":["CREATE"]`), "request.operation must be a string, not a list"},
		{"request.kind", inReview(`"kind":"IPPool"`), "request.kind must be an object, not a string"},
		{"group", inReview(`"kind":{"group":1}`), "request.kind.group must be a string, not a number"},
		{"version", inReview(`"kind":{"version":1}`), "request.kind.version must be a string, not a number"},
		{"kind of the object", inReview(`"kind":{"kind":1}`), "request.kind.kind must be a string, not a number"},
		{"userInfo", inReview(`"userInfo":"jane"`), "request.userInfo must be an object, not a string"},
		{"username", inReview(`"userInfo":{"username":false}`), "request.userInfo.username must be a string, not a boolean"},
		{"options", inReview(`"options":[]`), "request.options must be an object, not a list"},
		{"fieldValidation", inReview(`"options":{"fieldValidation":1}`), "request.options.fieldValidation must be a string, not a number"},

		{"empty", ``, "the body is empty: must be an AdmissionReview"},
		{"two reviews", inReview(`"uid":"u"`) + inReview(`"uid":"u"`), "data follows the JSON value, from byte 83 on"},
		{"data after the review", inReview(`"uid":"u"`) + " x", "data follows the JSON value, from byte 84 on"},
		{"unclosed", `{"apiVersion":"admission.k8s.io/v1"`, "the JSON text ends early, expected a comma or }"},
		{"unclosed request", `{"request":{"uid":"u"`, "the JSON text ends early, expected a comma or }"},
		{"missing colon", `{"request" {}}`, "unexpected '{' at byte 11, expected a colon"},
		{"trailing comma", inReview(`"uid":"u",`), "unexpected '}' at byte 82, expected the name of a field"},
		{"broken object", inReview(`"uid":"u","object":{"spec":{"allocations":{"1" {}}}}`), "unexpected '{' at byte 119, expected a colon"},
		{"YAML", "apiVersion: admission.k8s.io/v1", "the value at byte 0 is not JSON: "},
		{"word for a string", inReview(`"uid":nul`), "the value at byte 78 is not JSON: "},
		{"no value", inReview(`"userInfo":}`), "the value at byte 83 is not JSON: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			var q review.Request
			err := q.Decode(t.Context(), []byte(test.body), nil)
			if err == nil {
				t.Fatal("no error")
			}
			got := err.Error()
			if strings.HasSuffix(test.want, ": ") {
				got = got[:min(len(got), len(test.want))] // the rest is the error of jsontext
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDecodeIsReusable checks that a review, valid or not, does not change the result of the next one.
func TestDecodeIsReusable(t *testing.T) {
	var q review.Request
	full := admissiontest.Body(admissiontest.NewReview("UPDATE", admissiontest.NewPool(2), admissiontest.NewPool(3)))
	for _, before := range []string{string(full), string(full[:len(full)-5]), inReview(`"uid":"\u0061","userInfo":{"username":"\u0062"}`)} {
		_ = q.Decode(t.Context(), []byte(before), nil)
		if err := q.Decode(t.Context(), []byte(inReview(`"uid":"u","operation":"UPDATE"`)), nil); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(review.Head{UID: "u", Operation: "UPDATE"}, q.Head); diff != "" {
			t.Errorf("head (-want +got):\n%s", diff)
		}
		if q.Object.Present || q.OldObject.Present || len(q.Object.Allocations)+len(q.OldObject.Allocations) > 0 {
			t.Errorf("an object of the previous review is left: %+v, %+v", q.Object, q.OldObject)
		}
		_ = q.Decode(t.Context(), []byte(before), nil)
		if err := q.Decode(t.Context(), []byte(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}`), nil); err == nil {
			t.Errorf("the request of the previous review is left: %+v", q.Head)
		}
	}
}

// TestDecodeOldObjectIsIndependent checks that the object before an old object, in the same review or in the previous review, does not
// change the old object.
func TestDecodeOldObjectIsIndependent(t *testing.T) {
	const old = `"oldObject":{"spec":{"allocations":{"1":{"id":"a","podref":"default/web-0"},"2":{"id":"b","podref":"default/web-1"}}}}`
	var q review.Request
	for _, object := range []string{
		strings.Replace(old, "oldObject", "object", 1), `"object":null`, `"object":{}`, `"object":{"spec":{}}`, `"object":5`,
		`"object":{"spec":{"allocations":{"2":{"id":"b","podref":"default/web-1"}}}}`, `"dryRun":false`,
	} {
		for _, fields := range []string{object + "," + old, old + "," + object} {
			if err := q.Decode(t.Context(), []byte(inReview(`"uid":"u","operation":"UPDATE",`+fields)), nil); err != nil {
				t.Fatal(err)
			}
			got := q.OldObject.Allocations
			if len(got) != 2 || got[0].PodRef != "default/web-0" || got[1].Key != "2" || got[1].ID != "b" {
				t.Errorf("with %s, the allocations of the old object are %+v", object, got)
			}
		}
	}
}

// inReview returns a review whose request has these fields.
func inReview(fields string) string {
	return `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{` + fields + `}}`
}
