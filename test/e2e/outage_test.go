package e2e

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"ippool-webhook/test/environment"
)

// TestOutage stops the webhook: users cannot write, and Whereabouts is not affected.
func TestOutage(t *testing.T) {
	s := newScene(t)
	s.whereabouts.store(t, newPool("10.0.0.0/24"))
	restartAfter(t)
	if err := suite.Webhook.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}

	expectUnanswered(t, s.jane.create(t, newPool("10.0.1.0/24")))
	expectUnanswered(t, s.jane.update(t, newPool("10.0.0.0/24", at("1", "default/web-0"))))
	expectStored(t, s, "10.0.1.0-24", nil)
	expectWhereaboutsWorks(t, s)
	labelled := with(newPool("10.0.0.0/24", at("1", "default/web-0")), func(p *unstructured.Unstructured) {
		p.SetLabels(map[string]string{"team": "network"})
	})
	expect(t, s.jane.update(t, labelled), allowed())

	if err := suite.Webhook.Restart(t.Context(), environment.Options{}); err != nil {
		t.Fatal(err)
	}
	expect(t, s.jane.create(t, newPool("10.0.1.0/24")), allowed())
	expect(t, s.jane.create(t, newPool("10.0.3.0")), denied(usersWebhook, "10.0.3.0",
		`spec.range: Invalid value: "10.0.3.0": must have a prefix length after the address, such as 10.0.0.0/24 or 2001:db8::/64 (rule range-syntax)`))
}

// TestHang makes the webhook accept requests without an answer.
func TestHang(t *testing.T) {
	s := newScene(t)
	s.whereabouts.store(t, newPool("10.0.0.0/24"))
	if err := suite.Webhook.Pause(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := suite.Webhook.Resume(); err != nil {
			t.Fatal(err)
		}
	})
	expectWhereaboutsWorks(t, s)
}

// expectWhereaboutsWorks makes the requests of a pod start and a pod end, in an existing pool and in a new one.
func expectWhereaboutsWorks(t *testing.T, s scene) {
	t.Helper()
	expect(t, s.whereabouts.create(t, newPool("10.0.2.0/24")), allowed())
	expect(t, s.whereabouts.update(t, newPool("10.0.0.0/24", at("1", "default/web-0"))), allowed())
	expectSpec(t, s, newPool("10.0.0.0/24", at("1", "default/web-0")))
	expectSpec(t, s, newPool("10.0.2.0/24"))
}

// expectUnanswered expects that the API server rejects a request because the webhook call failed.
func expectUnanswered(t *testing.T, got answer) {
	t.Helper()
	const message = `Internal error occurred: failed calling webhook "` + usersWebhook + `": `
	if got.Status == nil || got.Status.Reason != metav1.StatusReasonInternalError || !strings.HasPrefix(got.Status.Message, message) {
		t.Errorf("answer %v, want a rejection with %q", got, message)
	}
}
