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

// strict denies a second interface of a pod; in observe mode, it warns.
const strict = "{apiVersion: config.ippool-webhook/v1alpha1, kind: Policy, rules: {podref-multi-interface: {action: Deny}}}"

// behaviour is what the webhook does while a pod starts and another one ends. Before begin, the process runs; afterwards it may
// be stopped.
type behaviour struct {
	name  string
	begin func(*testing.T)
	// shows is a sample that the metrics of the webhook must have afterwards, or empty.
	shows string
}

// answers is the behaviour of a running webhook.
func answers() behaviour { return behaviour{"answers", run(""), ""} }

func allows() behaviour {
	return behaviour{"allows", run(""), `ippool_webhook_admissions_total{decision="allowed",mode="observe",operation="UPDATE"}`}
}

// allowsAll is allows in enforce mode, in which the second interface of a pod leads to a warning.
func allowsAll() behaviour {
	return behaviour{"allows", run(""), `ippool_webhook_admissions_total{decision="warned",mode="enforce",operation="UPDATE"}`}
}
func warns() behaviour { return behaviour{"warns", run(strict), found("Warn", "observe")} }
func denies() behaviour {
	return behaviour{"denies the ADD by a rule, with 422", run(strict), found("Deny", "enforce")}
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

// found is the sample that counts the second interfaces in requests of Whereabouts, by action and mode.
func found(action, mode string) string {
	return `ippool_webhook_findings_total{action="` + action + `",mode="` + mode + `",rule="podref-multi-interface"}`
}

// run runs the webhook with a Policy.
func run(policy string) func(*testing.T) {
	return func(t *testing.T) {
		if err := suite.Webhook.Restart(t.Context(), environment.Options{Policy: policy}); err != nil {
			t.Fatal(err)
		}
	}
}

// stop stops the webhook.
func stop(t *testing.T) {
	if err := suite.Webhook.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// hang makes the webhook accept requests, but not answer them, until the end of the test.
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

// standIn replaces the webhook by another handler until the end of the test.
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

// denyAll denies all requests with one code.
func denyAll(code int32, reason metav1.StatusReason) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the API server has closed the connection
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
		_ = json.NewEncoder(w).Encode(review) // the API server has closed the connection, or gets the answer
	}
}
