package cluster

import (
	"context"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// ReplaceWebhooks replaces the webhooks of the installed ValidatingWebhookConfiguration, and returns the previous ones. The API
// server uses the new ones after a short delay.
func (c *Cluster) ReplaceWebhooks(ctx context.Context, replace func([]admissionv1.ValidatingWebhook) []admissionv1.ValidatingWebhook) ([]admissionv1.ValidatingWebhook, error) {
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
