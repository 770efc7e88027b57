package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ippool-webhook/test/environment"
)

// TestMetrics compares the counters of the webhook after some requests.
func TestMetrics(t *testing.T) {
	s := newScene(t)
	before := metrics(t)
	bad := newPool("10.0.0.0", at("1", "default/web-0"), at("2", "default/web-0"))
	s.jane.create(t, bad)
	s.jane.create(t, bad)
	s.jane.create(t, newPool("2001:DB8::/64", at("0", "default/web-0")))
	s.whereabouts.create(t, newPool("10.0.0.0/24", at("256", "default/web-0")))
	s.jane.update(t, newPool("10.0.0.0/24"))

	got := metrics(t)
	for sample, value := range before {
		got[sample] -= value
	}
	maps.DeleteFunc(got, func(_ string, value float64) bool { return value == 0 })
	want := map[string]float64{
		// Requests of jane are sent to both paths. One of them counts requests that the other one does not change.
		`ippool_webhook_admissions_total{decision="denied",mode="enforce",operation="CREATE"}`:       2,
		`ippool_webhook_admissions_total{decision="normalized",mode="normalize",operation="CREATE"}`: 1,
		`ippool_webhook_admissions_total{decision="warned",mode="enforce",operation="CREATE"}`:       1,
		`ippool_webhook_admissions_total{decision="warned",mode="observe",operation="CREATE"}`:       1,
		`ippool_webhook_admissions_total{decision="allowed",mode="enforce",operation="UPDATE"}`:      1,

		`ippool_webhook_findings_total{action="Deny",mode="enforce",rule="range-syntax"}`:        2,
		`ippool_webhook_findings_total{action="Deny",mode="enforce",rule="podref-duplicate"}`:    2,
		`ippool_webhook_findings_total{action="Warn",mode="enforce",rule="offset-reserved"}`:     1,
		`ippool_webhook_findings_total{action="Warn",mode="observe",rule="offset-out-of-range"}`: 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
}

// metrics returns the counters of the webhook.
func metrics(t *testing.T) map[string]float64 {
	t.Helper()
	samples, err := suite.Webhook.Metrics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(samples, func(sample string, _ float64) bool {
		return !strings.HasPrefix(sample, "ippool_webhook_admissions_total") && !strings.HasPrefix(sample, "ippool_webhook_findings_total")
	})
	return samples
}

// line is a line of the log about a request.
type line struct {
	Logger    string   `json:"logger"`
	Message   string   `json:"msg"`
	User      string   `json:"user"`
	Mode      string   `json:"mode"`
	Operation string   `json:"operation"`
	Pool      string   `json:"pool"`
	Rules     []string `json:"rules"`
}

// TestLog compares the log of some requests. It has a line for each denial, for audited findings, and for warnings about
// requests of Whereabouts, and no other lines.
func TestLog(t *testing.T) {
	s := newScene(t)
	s.jane.create(t, newPool("10.0.0.0", at("1", "web-0")))
	s.jane.create(t, newPool("10.0.1.0/24", at("0", "default/web-0")))
	s.whereabouts.create(t, newPool("10.0.2.0/24", at("0", "default/web-0")))
	s.whereabouts.create(t, newPool("10.0.3.0/24", at("1", "web-0")))
	s.jane.update(t, newPool("10.0.3.0/24", at("1", "default/")))
	s.jane.update(t, newPool("10.0.3.0/24"))
	request(t, func(ctx context.Context) error {
		return s.whereabouts.Delete(ctx, "10.0.1.0-24", metav1.DeleteOptions{})
	})
	request(t, func(ctx context.Context) error {
		return s.jane.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{FieldSelector: "metadata.name=10.0.2.0-24"})
	})

	want := []line{
		{"admission", "denied", "jane", "enforce", "CREATE", s.jane.namespace + "/10.0.0.0", []string{"range-syntax", "podref-syntax"}},
		{"admission", "audited", suite.whereabouts.Name, "observe", "CREATE", s.jane.namespace + "/10.0.2.0-24", []string{"offset-reserved"}},
		{"admission", "warned", suite.whereabouts.Name, "observe", "CREATE", s.jane.namespace + "/10.0.3.0-24", []string{"podref-syntax"}},
		{"admission", "denied", "jane", "enforce", "UPDATE", s.jane.namespace + "/10.0.3.0-24", []string{"podref-syntax"}},
		{"admission", "warned", suite.whereabouts.Name, "observe", "DELETE", s.jane.namespace + "/10.0.1.0-24", []string{"delete-in-use"}},
		{"admission", "denied", "jane", "enforce", "DELETE", s.jane.namespace + "/10.0.2.0-24", []string{"delete-in-use"}},
	}
	// The client can have the answer before the test has read the line.
	if err := environment.Await(t.Context(), "the lines of the log", func(context.Context) error {
		if diff := cmp.Diff(want, linesOf(s.jane.namespace)); diff != "" {
			return fmt.Errorf("lines (-want +got):\n%s", diff)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// linesOf returns the lines of the log about pools in a namespace.
func linesOf(namespace string) (lines []line) {
	for text := range strings.Lines(suite.Webhook.Log()) {
		var l line
		// A process that does not start does not write JSON.
		if json.Unmarshal([]byte(text), &l) == nil && strings.HasPrefix(l.Pool, namespace+"/") {
			lines = append(lines, l)
		}
	}
	return lines
}

// TestAudit compares the audit log of the API server for each finding, including one without a warning.
func TestAudit(t *testing.T) {
	s := newScene(t)
	pool := newPool("10.0.0.0/24", at("0", "default/web-0"), at("300", "web-1"))
	s.jane.create(t, pool)
	s.whereabouts.create(t, pool)

	want := []environment.AuditEvent{
		{User: "jane", Verb: "create", Resource: "ippools", Name: "10.0.0.0-24", Annotations: map[string]string{
			usersWebhook + "/offset-reserved":     "Warn spec.allocations[0]",
			usersWebhook + "/offset-out-of-range": "Deny spec.allocations[300]",
			usersWebhook + "/podref-syntax":       "Deny spec.allocations[300].podref",
		}},
		{User: suite.whereabouts.Name, Verb: "create", Resource: "ippools", Name: "10.0.0.0-24", Annotations: map[string]string{
			whereaboutsWebhook + "/offset-reserved":     "Audit spec.allocations[0]",
			whereaboutsWebhook + "/offset-out-of-range": "Warn spec.allocations[300]",
			whereaboutsWebhook + "/podref-syntax":       "Warn spec.allocations[300].podref",
		}},
	}
	err := environment.Await(t.Context(), "the audit log", func(context.Context) error {
		got, err := suite.AuditEvents(s.jane.namespace)
		if diff := cmp.Diff(want, got); err == nil && diff != "" {
			err = fmt.Errorf("events (-want +got):\n%s", diff)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
