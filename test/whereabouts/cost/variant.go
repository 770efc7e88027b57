package main

import (
	"context"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"ippool-webhook/webhook/server"
)

// variantLabel is the label of the namespaces of a variant. Its webhooks select namespaces by this label.
const variantLabel = "cost.ippool-webhook/variant"

// The variants that are always measured.
const (
	noWebhook = "none"
	control   = "none, again"
	skip      = "skip"    // the default installation
	noOp      = "no-op"   // a webhook that answers before it has read the pool
	observe   = "observe" // the component whereabouts-observe
	typed     = "typed"
)

// The webhooks of the manifests. The API server sends requests of Whereabouts to the second one, if the variant has it.
const (
	usersWebhook       = "users.validate.ippool-webhook"
	whereaboutsWebhook = "whereabouts.validate.ippool-webhook"
)

// variant is a configuration of webhooks, for its own namespaces.
type variant struct {
	name       string
	perPod     int // webhook calls for a pod that starts and ends
	validating []admissionv1.ValidatingWebhook
	mutating   []admissionv1.MutatingWebhook
	baseline   bool // all requests are evaluated by the policies of the CEL baseline
}

// id is the name in the format of Kubernetes names.
func (v variant) id() string { return strings.ReplaceAll(v.name, ", ", "-") }

// webhook returns the name of a webhook of the variant. The API server counts its calls under this name.
func (v variant) webhook(name string) string { return v.id() + "." + name }

// configurations are the webhook configurations that the environment has installed from the manifests.
type configurations struct {
	client     *kubernetes.Clientset
	validating *admissionv1.ValidatingWebhookConfiguration
	mutating   *admissionv1.MutatingWebhookConfiguration
}

func readConfigurations(ctx context.Context, client *kubernetes.Clientset) (*configurations, error) {
	c := &configurations{client: client}
	var err error
	if c.validating, err = client.AdmissionregistrationV1().ValidatingWebhookConfigurations().Get(ctx, "ippool-webhook", metav1.GetOptions{}); err != nil {
		return nil, err
	}
	c.mutating, err = client.AdmissionregistrationV1().MutatingWebhookConfigurations().Get(ctx, "ippool-webhook", metav1.GetOptions{})
	return c, err
}

// variants returns the variants: no webhook, twice to measure the noise; the default installation; requests of Whereabouts in
// observe mode; and the peers at a base URL.
func (c *configurations) variants(peers string) []variant {
	return []variant{
		{name: noWebhook}, {name: control}, c.skipped(skip), c.at(noOp, peers+noOpPath), c.observed(observe), c.at(typed, peers+server.ValidatePath),
	}
}

// at returns the configurations of the manifests with the URL of another validating webhook.
func (c *configurations) at(name, url string) variant {
	v := c.observed(name)
	for i := range v.validating {
		v.validating[i].ClientConfig.URL = &url
	}
	return v
}

// observed returns a copy of the configurations of the manifests with the webhook for Whereabouts, which is called when a pod
// starts and when it ends.
func (c *configurations) observed(name string) variant {
	return variant{name: name, perPod: 2, validating: c.validating.DeepCopy().Webhooks, mutating: c.mutating.DeepCopy().Webhooks}
}

// skipped is observed without the webhook for Whereabouts, as in the default installation.
func (c *configurations) skipped(name string) variant {
	v := c.observed(name)
	v.perPod = 0
	v.validating = slices.DeleteFunc(v.validating, func(w admissionv1.ValidatingWebhook) bool { return w.Name != usersWebhook })
	return v
}

// install replaces the installed variants.
func (c *configurations) install(ctx context.Context, variants []variant) error {
	admission := c.client.AdmissionregistrationV1()
	if err := admission.ValidatingWebhookConfigurations().Delete(ctx, c.validating.Name, metav1.DeleteOptions{}); err != nil {
		return err
	}
	if err := admission.MutatingWebhookConfigurations().Delete(ctx, c.mutating.Name, metav1.DeleteOptions{}); err != nil {
		return err
	}
	for _, v := range variants {
		only := &metav1.LabelSelector{MatchLabels: map[string]string{variantLabel: v.id()}}
		meta := metav1.ObjectMeta{Name: v.id()}
		validating := &admissionv1.ValidatingWebhookConfiguration{ObjectMeta: meta, Webhooks: slices.Clone(v.validating)}
		for i := range validating.Webhooks {
			validating.Webhooks[i].Name, validating.Webhooks[i].NamespaceSelector = v.webhook(v.validating[i].Name), only
		}
		if _, err := admission.ValidatingWebhookConfigurations().Create(ctx, validating, metav1.CreateOptions{}); err != nil {
			return err
		}
		mutating := &admissionv1.MutatingWebhookConfiguration{ObjectMeta: meta, Webhooks: slices.Clone(v.mutating)}
		for i := range mutating.Webhooks {
			mutating.Webhooks[i].Name, mutating.Webhooks[i].NamespaceSelector = v.webhook(v.mutating[i].Name), only
		}
		if _, err := admission.MutatingWebhookConfigurations().Create(ctx, mutating, metav1.CreateOptions{}); err != nil {
			return err
		}
		if v.baseline {
			if err := c.installBaseline(ctx, only); err != nil {
				return err
			}
		}
	}
	return nil
}

// namespace creates a namespace whose pools are sent to the webhooks of a variant.
func (c *configurations) namespace(ctx context.Context, v variant) (string, error) {
	namespace, err := c.client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{
		ObjectMeta: metav1.ObjectMeta{GenerateName: v.id() + "-", Labels: map[string]string{variantLabel: v.id()}},
	}, metav1.CreateOptions{})
	if err != nil {
		return "", err
	}
	return namespace.Name, nil
}
