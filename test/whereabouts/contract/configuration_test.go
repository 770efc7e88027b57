package contract

import (
	"context"
	"errors"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ippool-webhook/test/environment"
)

// configure sets components until the end of the test.
func configure(t *testing.T, components ...string) {
	t.Helper()
	run("")(t)
	t.Cleanup(func() {
		if err := suite.Webhook.Restart(context.Background(), environment.Options{}); err != nil {
			t.Fatal(err)
		}
		if err := suite.Configure(context.Background()); err != nil {
			t.Fatal(err)
		}
	})
	if err := suite.Configure(t.Context(), components...); err != nil {
		t.Fatal(err)
	}
}

// configureForAll replaces the validating configuration with one webhook for all identities. It has the defaults of Kubernetes:
// failurePolicy Fail, and a timeout of ten seconds unless timeoutSeconds is set.
func configureForAll(t *testing.T, timeoutSeconds *int32) {
	t.Helper()
	shipped := replaceWebhooks(t, func(webhooks []admissionv1.ValidatingWebhook) []admissionv1.ValidatingWebhook {
		all := webhooks[0]
		all.Name = "all.validate.ippool-webhook"
		all.FailurePolicy, all.TimeoutSeconds, all.MatchConditions = nil, timeoutSeconds, nil
		return []admissionv1.ValidatingWebhook{all}
	})
	awaitConfiguration(t, admissionv1.Fail)
	t.Cleanup(func() {
		replaceWebhooks(t, func([]admissionv1.ValidatingWebhook) []admissionv1.ValidatingWebhook { return shipped })
		awaitConfiguration(t, admissionv1.Ignore)
	})
}

// replaceWebhooks calls ReplaceWebhooks of the cluster, in a test or after it.
func replaceWebhooks(t *testing.T, replace func([]admissionv1.ValidatingWebhook) []admissionv1.ValidatingWebhook) []admissionv1.ValidatingWebhook {
	t.Helper()
	before, err := suite.ReplaceWebhooks(context.Background(), replace)
	if err != nil {
		t.Fatal(err)
	}
	return before
}

// awaitConfiguration stops the webhook, and awaits that a request of Whereabouts is sent to a webhook with this failure policy.
// The failure policy shows only while no webhook answers.
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
