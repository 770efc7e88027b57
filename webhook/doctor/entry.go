package doctor

import (
	"cmp"
	"context"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// The names of the shipped webhooks.
const (
	usersEntry       = "users.validate.ippool-webhook"
	whereaboutsEntry = "whereabouts.validate.ippool-webhook"
	mutatingEntry    = "users.mutate.ippool-webhook"
)

// entry is a webhook of either configuration; a mutating one has a field more.
type entry struct {
	admissionv1.ValidatingWebhook
	reinvocationPolicy admissionv1.ReinvocationPolicyType
}

// configuration is a webhook configuration.
type configuration struct {
	kind, name  string
	annotations map[string]string
	entries     []entry
	read[client.Object]
}

func readValidating(ctx context.Context, c client.Reader, name string) configuration {
	var object admissionv1.ValidatingWebhookConfiguration
	r := get[client.Object](ctx, c, client.ObjectKey{Name: name}, &object,
		access{group: admissionv1.GroupName, resource: "validatingwebhookconfigurations"})
	return configuration{"ValidatingWebhookConfiguration", name, object.Annotations, validatingEntries(object), r}
}

func readMutating(ctx context.Context, c client.Reader, name string) configuration {
	var object admissionv1.MutatingWebhookConfiguration
	r := get[client.Object](ctx, c, client.ObjectKey{Name: name}, &object,
		access{group: admissionv1.GroupName, resource: "mutatingwebhookconfigurations"})
	return configuration{"MutatingWebhookConfiguration", name, object.Annotations, mutatingEntries(object), r}
}

func validatingEntries(c admissionv1.ValidatingWebhookConfiguration) []entry {
	entries := make([]entry, len(c.Webhooks))
	for i, w := range c.Webhooks {
		entries[i] = entry{ValidatingWebhook: w}
	}
	return entries
}

func mutatingEntries(c admissionv1.MutatingWebhookConfiguration) []entry {
	entries := make([]entry, len(c.Webhooks))
	for i, w := range c.Webhooks {
		entries[i] = entry{
			ValidatingWebhook: admissionv1.ValidatingWebhook{
				Name: w.Name, ClientConfig: w.ClientConfig, Rules: w.Rules, FailurePolicy: w.FailurePolicy, MatchPolicy: w.MatchPolicy,
				NamespaceSelector: w.NamespaceSelector, ObjectSelector: w.ObjectSelector, SideEffects: w.SideEffects,
				TimeoutSeconds: w.TimeoutSeconds, AdmissionReviewVersions: w.AdmissionReviewVersions, MatchConditions: w.MatchConditions,
			},
			reinvocationPolicy: valueOr(w.ReinvocationPolicy, admissionv1.NeverReinvocationPolicy),
		}
	}
	return entries
}

// validates reports whether a webhook is a validating one.
func (e entry) validates() bool { return e.reinvocationPolicy == "" }

// service returns the Service that a webhook calls, or nil if it calls a URL.
func (e entry) service() *target {
	s := e.ClientConfig.Service
	if s == nil {
		return nil
	}
	return &target{s.Namespace, s.Name, valueOr(s.Port, 443)}
}

// target is the Service that the API server calls.
type target struct {
	namespace, name string
	port            int32
}

func (t target) String() string { return t.namespace + "/" + t.name }

// host is the name that the serving certificate must have.
func (t target) host() string { return t.name + "." + t.namespace + ".svc" }

// serviceOf returns the Service of the first webhook that calls one.
func serviceOf(entries []entry) *target {
	for _, e := range entries {
		if service := e.service(); service != nil {
			return service
		}
	}
	return nil
}

// valueOr returns what a field holds, or the default that the API server gives it.
func valueOr[T any](field *T, byDefault T) T { return *cmp.Or(field, &byDefault) }
