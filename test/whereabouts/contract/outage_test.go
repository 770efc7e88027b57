package contract

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ippool-webhook/test/environment"
)

// strict has a second interface of a pod denied; reduced, for a trusted writer, to a warning.
const (
	strict     = "{apiVersion: config.ippool-webhook/v1alpha1, kind: Policy, rules: {podref-multi-interface: {action: Deny}}}"
	strictFull = "{apiVersion: config.ippool-webhook/v1alpha1, kind: Policy, rules: {podref-multi-interface: {action: Deny}}, trustedWriters: {enforcement: Full}}"
)

// behaviour is what the webhook does while a pod comes and another goes. Each begins with a running process, and ends with
// or without one.
type behaviour struct {
	name  string
	begin func(*testing.T)
	// shows is a sample of the webhook's metrics that is there afterwards; none for what has no metrics then.
	shows string
}

func allows() behaviour {
	return behaviour{"allows", run(""), `ippool_webhook_admissions_total{decision="allowed",operation="UPDATE",writer="trusted"}`}
}
func warns() behaviour { return behaviour{"warns", run(strict), found("Warn")} }
func denies() behaviour {
	return behaviour{"denies the ADD by a rule, with 422", run(strictFull), found("Deny")}
}

// deniesAndJudgesReleases is denies with the shipped entries as such a policy wants them.
func deniesAndJudgesReleases() behaviour {
	b := denies()
	b.name += " (under `Full`, releases judged)"
	b.begin = func(t *testing.T) {
		suite.JudgeReleases(t)
		run(strictFull)(t)
	}
	return b
}

func isGone() behaviour { return behaviour{"is gone", stop, ""} }
func hangs() behaviour  { return behaviour{"hangs", hang, ""} }

func answers500() behaviour {
	return behaviour{"answers 500", standIn(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }), ""}
}

func deniesAll422() behaviour {
	return behaviour{"denies both with 422", standIn(denyAll(http.StatusUnprocessableEntity, metav1.StatusReasonInvalid)), ""}
}

func deniesAll403() behaviour {
	return behaviour{"denies both with 403", standIn(denyAll(http.StatusForbidden, metav1.StatusReasonForbidden)), ""}
}

// found is the sample that counts the second interfaces found in Whereabouts' writes, by what was done about them.
func found(action string) string {
	return `ippool_webhook_findings_total{action="` + action + `",rule="podref-multi-interface",writer="trusted"}`
}

// run runs the webhook with a policy.
func run(policy string) func(*testing.T) {
	return func(t *testing.T) {
		if err := suite.Webhook.Restart(t.Context(), environment.Options{Policy: policy}); err != nil {
			t.Fatal(err)
		}
	}
}

// stop ends the webhook.
func stop(t *testing.T) {
	if err := suite.Webhook.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// hang makes the webhook take requests and answer none until the end of the test.
func hang(t *testing.T) {
	run("")(t)
	if err := suite.Webhook.Pause(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := suite.Webhook.Resume(); err != nil {
			t.Fatal(err)
		}
	})
}

// standIn has something else answer in the place of the webhook until the end of the test.
func standIn(answer http.HandlerFunc) func(*testing.T) {
	return func(t *testing.T) {
		end, err := suite.Webhook.StandIn(t.Context(), answer)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := end(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// denyAll denies whatever is asked with one code.
func denyAll(code int32, reason metav1.StatusReason) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the API server has gone
		}
		var review admissionv1.AdmissionReview
		if err := json.Unmarshal(body, &review); err != nil || review.Request == nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		review.Response = &admissionv1.AdmissionResponse{
			UID: review.Request.UID, Result: &metav1.Status{Code: code, Reason: reason, Message: "denied"},
		}
		review.Request = nil
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(review) // the API server has gone, or takes it
	}
}
