package admission_test

import (
	"fmt"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"

	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/admissiontest"
	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/review"
)

func newEvaluator(t testing.TB, p *policy.Policy) *admission.Evaluator {
	t.Helper()
	e, err := admission.NewEvaluator(p)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// newRequest returns a request with a fieldValidation; an empty one is absent, and so is an empty object.
func newRequest(t testing.TB, operation admissionv1.Operation, fieldValidation, object, old string) *review.Request {
	t.Helper()
	return decodeRequest(t, reviewText(operation, fieldValidation, object, old))
}

// reviewText returns the body of a review; see newRequest.
func reviewText(operation admissionv1.Operation, fieldValidation, object, old string) []byte {
	r := admissiontest.NewReview(operation, nil, nil)
	if object != "" {
		r.Request.Object.Raw = []byte(object)
	}
	if old != "" {
		r.Request.OldObject.Raw = []byte(old)
	}
	if fieldValidation != "" {
		r.Request.Options.Raw = fmt.Appendf(nil, `{"fieldValidation":%q}`, fieldValidation)
	}
	return admissiontest.Body(r)
}

func decodeRequest(t testing.TB, body []byte) *review.Request {
	t.Helper()
	q := &review.Request{}
	if err := q.Decode(t.Context(), body, nil); err != nil {
		t.Fatal(err)
	}
	return q
}

// evaluate evaluates a request with a scratch of its own.
func evaluate(t testing.TB, e *admission.Evaluator, mode admission.Mode, q *review.Request) *admission.Result {
	t.Helper()
	r, err := e.Evaluate(t.Context(), q, mode, &admission.Scratch{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// evaluateStrictly evaluates a request with fieldValidation Strict, which denies the most.
func evaluateStrictly(t testing.TB, e *admission.Evaluator, mode admission.Mode, operation admissionv1.Operation, object, old string) *admission.Result {
	t.Helper()
	return evaluate(t, e, mode, newRequest(t, operation, "Strict", object, old))
}

// wire returns the response as it is sent.
func wire(r *admission.Result) string { return string(r.Response.AppendTo(nil)) }
