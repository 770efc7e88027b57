package cluster

import (
	"context"
	"slices"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// ReplaceEntries replaces the entries of the installed ValidatingWebhookConfiguration, and returns those that it had. The API
// server takes notice within moments.
func (c *Cluster) ReplaceEntries(ctx context.Context, replace func([]admissionv1.ValidatingWebhook) []admissionv1.ValidatingWebhook) ([]admissionv1.ValidatingWebhook, error) {
	admin, err := kubernetes.NewForConfig(c.Admin())
	if err != nil {
		return nil, err
	}
	configurations := admin.AdmissionregistrationV1().ValidatingWebhookConfigurations()
	configuration, err := configurations.Get(ctx, "ippool-webhook", metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	before := configuration.DeepCopy().Webhooks
	configuration.Webhooks = replace(configuration.Webhooks)
	_, err = configurations.Update(ctx, configuration, metav1.UpdateOptions{})
	return before, err
}

// JudgeReleases has the webhook asked about pods that end too, as a policy wants that has trusted writers denied.
func (c *Cluster) JudgeReleases(ctx context.Context) error {
	_, err := c.ReplaceEntries(ctx, func(entries []admissionv1.ValidatingWebhook) []admissionv1.ValidatingWebhook {
		for i := range entries {
			entries[i].MatchConditions = slices.DeleteFunc(entries[i].MatchConditions, func(m admissionv1.MatchCondition) bool {
				return m.Name == "more-than-a-release"
			})
		}
		return entries
	})
	return err
}
