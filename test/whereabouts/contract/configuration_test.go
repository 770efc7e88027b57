package contract

import (
	"context"
	"errors"
	"slices"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"ippool-webhook/test/environment"
)

// configureForAll replaces the two entries of the validating configuration with one that knows no trusted writers, and
// leaves to Kubernetes what it has a default for: it fails closed, after ten seconds unless timeoutSeconds is given.
func configureForAll(t *testing.T, timeoutSeconds *int32) {
	t.Helper()
	shipped := configure(t, func(c *admissionv1.ValidatingWebhookConfiguration) {
		ordinary := c.Webhooks[slices.IndexFunc(c.Webhooks, func(w admissionv1.ValidatingWebhook) bool {
			return w.Name == "ordinary.validate.ippool-webhook"
		})]
		ordinary.Name = "all.validate.ippool-webhook"
		ordinary.FailurePolicy, ordinary.TimeoutSeconds = nil, timeoutSeconds
		ordinary.MatchConditions = slices.DeleteFunc(slices.Clone(ordinary.MatchConditions), func(m admissionv1.MatchCondition) bool {
			return m.Name == "ordinary-writer"
		})
		c.Webhooks = []admissionv1.ValidatingWebhook{ordinary}
	})
	awaitConfiguration(t, admissionv1.Fail)
	t.Cleanup(func() {
		configure(t, func(c *admissionv1.ValidatingWebhookConfiguration) { c.Webhooks = shipped })
		awaitConfiguration(t, admissionv1.Ignore)
	})
}

// configure changes the validating configuration, and returns the entries that it had.
func configure(t *testing.T, change func(*admissionv1.ValidatingWebhookConfiguration)) []admissionv1.ValidatingWebhook {
	t.Helper()
	admin, err := kubernetes.NewForConfig(suite.Admin())
	if err != nil {
		t.Fatal(err)
	}
	configurations := admin.AdmissionregistrationV1().ValidatingWebhookConfigurations()
	configuration, err := configurations.Get(context.Background(), "ippool-webhook", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	before := slices.Clone(configuration.Webhooks)
	change(configuration)
	if _, err := configurations.Update(context.Background(), configuration, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	return before
}

// awaitConfiguration awaits that a write of Whereabouts meets this policy, which shows without a webhook.
func awaitConfiguration(t *testing.T, want admissionv1.FailurePolicyType) {
	t.Helper()
	if err := suite.Webhook.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	err := environment.Await(context.Background(), "failure policy "+string(want), func(ctx context.Context) error {
		switch err := createPool(ctx, suite.Account(), metav1.NamespaceDefault, "10.9.0.0/24", metav1.DryRunAll); {
		case err == nil && want == admissionv1.Ignore, environment.Unanswered(err) && want == admissionv1.Fail:
			return nil
		case err == nil || environment.Unanswered(err):
			return errors.New("not yet")
		default:
			return err
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}
