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
)

// webhook answers the API server's reviews under the default policy. It belongs to one goroutine at a time.
type webhook struct {
	judge     *admission.Judge
	workspace admission.Workspace
}

func newWebhook(t *testing.T) *webhook {
	t.Helper()
	judge, err := admission.NewJudge(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	return &webhook{judge: judge}
}

// write is what somebody asks the API server to do to a pool: to create it where there is no old one.
type write struct {
	user        string
	object, old *v1alpha1.IPPool
}

// answer is what the webhook says to a write.
type answer struct {
	allowed bool
	message string
	// findings holds actions and rules, such as "Warn offset-reserved", each once.
	findings []string
}

// validate asks the validating webhook.
func (h *webhook) validate(w write) (answer, error) {
	if err := h.workspace.Request.Decode(context.Background(), w.body(), h.judge.Schema()); err != nil {
		return answer{}, err
	}
	if err := h.judge.Validate(context.Background(), &h.workspace); err != nil {
		return answer{}, err
	}
	if h.workspace.Invalid {
		return answer{}, fmt.Errorf("the review was refused: %s", h.workspace.Response.Status.Message)
	}
	a := answer{allowed: h.workspace.Response.Allowed, message: h.workspace.Response.Status.Message}
	for _, d := range h.workspace.Decided {
		a.findings = append(a.findings, d.Action.String()+" "+h.judge.Rules()[d.Rule].ID)
	}
	slices.Sort(a.findings)
	a.findings = slices.Compact(a.findings)
	return a, nil
}

// mend returns w as it is after the mutating webhook.
func (h *webhook) mend(w write) (write, error) {
	if err := h.workspace.Request.Decode(context.Background(), w.body(), h.judge.Schema()); err != nil {
		return write{}, err
	}
	if err := h.judge.Mutate(context.Background(), &h.workspace); err != nil {
		return write{}, err
	}
	if len(h.workspace.Response.Patch) == 0 {
		return w, nil
	}
	patch, err := jsonpatch.DecodePatch(h.workspace.Response.Patch)
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

// body returns the review that the API server sends of w.
func (w write) body() []byte {
	operation, old := admissionv1.Create, any(nil)
	if w.old != nil {
		operation, old = admissionv1.Update, encode(w.old)
	}
	review := admissiontest.NewReview(operation, encode(w.object), old)
	review.Request.Name, review.Request.Namespace = w.object.Name, w.object.Namespace
	review.Request.UserInfo.Username = w.user
	return admissiontest.Body(review)
}

// encode returns the JSON text of a pool as the API server sends it to a webhook.
func encode(pool *v1alpha1.IPPool) string {
	text, err := json.Marshal(pool)
	if err != nil {
		panic(err) // pools always marshal
	}
	return string(text)
}

// String says what was asked, to whoever has to look into it.
func (w write) String() string {
	if w.old == nil {
		return "CREATE " + encode(w.object)
	}
	return "UPDATE " + encode(w.old) + "\nto " + encode(w.object)
}
