package contract

import (
	"context"
	"errors"
	"slices"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ippool-webhook/test/environment"
)

// configureForAll replaces the two entries of the validating configuration with one that knows no trusted writers, and
// leaves to Kubernetes what it has a default for: it fails closed, after ten seconds unless timeoutSeconds is given.
func configureForAll(t *testing.T, timeoutSeconds *int32) {
	t.Helper()
	shipped := replaceEntries(t, func(entries []admissionv1.ValidatingWebhook) []admissionv1.ValidatingWebhook {
		ordinary := entries[slices.IndexFunc(entries, func(w admissionv1.ValidatingWebhook) bool {
			return w.Name == "ordinary.validate.ippool-webhook"
		})]
		ordinary.Name = "all.validate.ippool-webhook"
		ordinary.FailurePolicy, ordinary.TimeoutSeconds = nil, timeoutSeconds
		ordinary.MatchConditions = slices.DeleteFunc(ordinary.MatchConditions, func(m admissionv1.MatchCondition) bool {
			return m.Name == "ordinary-writer"
		})
		return []admissionv1.ValidatingWebhook{ordinary}
	})
	awaitConfiguration(t, admissionv1.Fail)
	t.Cleanup(func() {
		replaceEntries(t, func([]admissionv1.ValidatingWebhook) []admissionv1.ValidatingWebhook { return shipped })
		awaitConfiguration(t, admissionv1.Ignore)
	})
}

// replaceEntries is what it is of the cluster, in a test or after it.
func replaceEntries(t *testing.T, replace func([]admissionv1.ValidatingWebhook) []admissionv1.ValidatingWebhook) []admissionv1.ValidatingWebhook {
	t.Helper()
	before, err := suite.ReplaceEntries(context.Background(), replace)
	if err != nil {
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
