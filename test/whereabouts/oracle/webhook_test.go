package oracle

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"
	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	admissionv1 "k8s.io/api/admission/v1"

	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/admissiontest"
	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/review"
)

// webhook answers admission reviews with the default Policy. Only one goroutine can use it at a time.
type webhook struct {
	evaluator *admission.Evaluator
	request   review.Request
	scratch   admission.Scratch
}

func newWebhook(t *testing.T) *webhook {
	t.Helper()
	evaluator, err := admission.NewEvaluator(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	return &webhook{evaluator: evaluator}
}

// write is a request about a pool: a create if there is no old pool.
type write struct {
	mode        admission.Mode
	object, old *v1alpha1.IPPool
}

// answer is the answer of the webhook to a request.
type answer struct {
	allowed bool
	message string
	// findings holds actions and rules, such as "Warn offset-reserved", each once.
	findings []string
}

// evaluate evaluates a request in a mode. The result is valid until the next call.
func (h *webhook) evaluate(w write, mode admission.Mode) (*admission.Result, error) {
	if err := h.request.Decode(context.Background(), w.body(), h.evaluator.Schema()); err != nil {
		return nil, err
	}
	return h.evaluator.Evaluate(context.Background(), &h.request, mode, &h.scratch)
}

// validate validates a request in its mode.
func (h *webhook) validate(w write) (answer, error) {
	r, err := h.evaluate(w, w.mode)
	if err != nil {
		return answer{}, err
	}
	if r.Invalid {
		return answer{}, fmt.Errorf("the request is invalid: %s", r.Response.Status.Message)
	}
	a := answer{allowed: r.Response.Allowed, message: r.Response.Status.Message}
	for _, d := range r.Decisions {
		a.findings = append(a.findings, d.Action.String()+" "+d.Rule.ID)
	}
	slices.Sort(a.findings)
	a.findings = slices.Compact(a.findings)
	return a, nil
}

// normalize returns w with the changes of the mutating webhook.
func (h *webhook) normalize(w write) (write, error) {
	r, err := h.evaluate(w, admission.Normalize)
	if err != nil {
		return write{}, err
	}
	if len(r.Response.Patch) == 0 {
		return w, nil
	}
	patch, err := jsonpatch.DecodePatch(r.Response.Patch)
	if err != nil {
		return write{}, err
	}
	text, err := patch.Apply([]byte(encode(w.object)))
	if err != nil {
		return write{}, err
	}
	w.object = &v1alpha1.IPPool{}
	return w, json.Unmarshal(text, w.object)
}

// body returns the admission review of w that the API server sends.
func (w write) body() []byte {
	operation, old := admissionv1.Create, any(nil)
	if w.old != nil {
		operation, old = admissionv1.Update, encode(w.old)
	}
	r := admissiontest.NewReview(operation, encode(w.object), old)
	r.Request.Name, r.Request.Namespace = w.object.Name, w.object.Namespace
	return admissiontest.Body(r)
}

// encode returns the JSON text of a pool as the API server sends it to a webhook.
func encode(pool *v1alpha1.IPPool) string {
	text, err := json.Marshal(pool)
	if err != nil {
		panic(err) // pools always marshal
	}
	return string(text)
}

// String describes the request for a failure message.
func (w write) String() string {
	if w.old == nil {
		return "CREATE " + encode(w.object)
	}
	return "UPDATE " + encode(w.old) + "\nto " + encode(w.object)
}
