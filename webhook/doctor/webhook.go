package doctor

import (
	"cmp"
	"context"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// The names of the shipped webhooks.
const (
	usersWebhook       = "users.validate.ippool-webhook"
	whereaboutsWebhook = "whereabouts.validate.ippool-webhook"
	mutatingWebhook    = "users.mutate.ippool-webhook"
)

// webhook is a validating or a mutating webhook. Only a mutating webhook has a reinvocation policy.
type webhook struct {
	admissionv1.ValidatingWebhook
	reinvocationPolicy admissionv1.ReinvocationPolicyType
}

// configuration is a ValidatingWebhookConfiguration or a MutatingWebhookConfiguration.
type configuration struct {
	kind, name  string
	annotations map[string]string
	webhooks    []webhook
	read[client.Object]
}

func readValidating(ctx context.Context, c client.Reader, name string) configuration {
	var object admissionv1.ValidatingWebhookConfiguration
	r := get[client.Object](ctx, c, client.ObjectKey{Name: name}, &object,
		access{group: admissionv1.GroupName, resource: "validatingwebhookconfigurations"})
	return configuration{"ValidatingWebhookConfiguration", name, object.Annotations, validatingWebhooks(object), r}
}

func readMutating(ctx context.Context, c client.Reader, name string) configuration {
	var object admissionv1.MutatingWebhookConfiguration
	r := get[client.Object](ctx, c, client.ObjectKey{Name: name}, &object,
		access{group: admissionv1.GroupName, resource: "mutatingwebhookconfigurations"})
	return configuration{"MutatingWebhookConfiguration", name, object.Annotations, mutatingWebhooks(object), r}
}

func validatingWebhooks(c admissionv1.ValidatingWebhookConfiguration) []webhook {
	webhooks := make([]webhook, len(c.Webhooks))
	for i, w := range c.Webhooks {
		webhooks[i] = webhook{ValidatingWebhook: w}
	}
	return webhooks
}

func mutatingWebhooks(c admissionv1.MutatingWebhookConfiguration) []webhook {
	webhooks := make([]webhook, len(c.Webhooks))
	for i, w := range c.Webhooks {
		webhooks[i] = webhook{
			ValidatingWebhook: admissionv1.ValidatingWebhook{
				Name: w.Name, ClientConfig: w.ClientConfig, Rules: w.Rules, FailurePolicy: w.FailurePolicy, MatchPolicy: w.MatchPolicy,
				NamespaceSelector: w.NamespaceSelector, ObjectSelector: w.ObjectSelector, SideEffects: w.SideEffects,
				TimeoutSeconds: w.TimeoutSeconds, AdmissionReviewVersions: w.AdmissionReviewVersions, MatchConditions: w.MatchConditions,
			},
			reinvocationPolicy: valueOr(w.ReinvocationPolicy, admissionv1.NeverReinvocationPolicy),
		}
	}
	return webhooks
}

// validates reports whether w is a validating webhook.
func (w webhook) validates() bool { return w.reinvocationPolicy == "" }

// service returns the Service that a webhook calls, or nil if it calls a URL.
func (w webhook) service() *target {
	s := w.ClientConfig.Service
	if s == nil {
		return nil
	}
	return &target{s.Namespace, s.Name, valueOr(s.Port, 443)}
}

// valueOr returns the value of a field, or the default of the API server if the field is not set.
func valueOr[T any](field *T, byDefault T) T { return *cmp.Or(field, &byDefault) }
