package environment_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	"sigs.k8s.io/yaml"

	"ippool-webhook/test/environment"
	"ippool-webhook/webhook/server"
)

// TestWebhooks checks the effects of an outage for every webhook.
func TestWebhooks(t *testing.T) {
	type settings struct {
		Path           string
		FailurePolicy  admissionv1.FailurePolicyType
		TimeoutSeconds int32
		SideEffects    admissionv1.SideEffectClass
		Versions       []string
	}
	want := map[string]settings{
		"users.mutate.ippool-webhook":   {server.MutatePath, admissionv1.Ignore, 5, admissionv1.SideEffectClassNone, []string{"v1"}},
		"users.validate.ippool-webhook": {server.ValidatePath, admissionv1.Fail, 5, admissionv1.SideEffectClassNone, []string{"v1"}},
	}
	got := map[string]settings{}
	for _, w := range webhooks(t) {
		if w.failurePolicy == nil || w.timeoutSeconds == nil || w.sideEffects == nil || w.service == nil || w.service.Path == nil {
			t.Fatalf("%s leaves something to defaults", w.name)
		}
		got[w.name] = settings{*w.service.Path, *w.failurePolicy, *w.timeoutSeconds, *w.sideEffects, w.versions}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("webhooks (-want +got):\n%s", diff)
	}
}

// webhook has the fields that validating and mutating webhooks have in common.
type webhook struct {
	name           string
	service        *admissionv1.ServiceReference
	failurePolicy  *admissionv1.FailurePolicyType
	timeoutSeconds *int32
	sideEffects    *admissionv1.SideEffectClass
	versions       []string
}

// webhooks returns every webhook of the manifests.
func webhooks(t *testing.T) []webhook {
	t.Helper()
	var validating admissionv1.ValidatingWebhookConfiguration
	var mutating admissionv1.MutatingWebhookConfiguration
	read(t, "validating-webhook.yaml", &validating)
	read(t, "mutating-webhook.yaml", &mutating)
	var all []webhook
	for _, w := range validating.Webhooks {
		all = append(all, webhook{w.Name, w.ClientConfig.Service, w.FailurePolicy, w.TimeoutSeconds, w.SideEffects, w.AdmissionReviewVersions})
	}
	for _, w := range mutating.Webhooks {
		all = append(all, webhook{w.Name, w.ClientConfig.Service, w.FailurePolicy, w.TimeoutSeconds, w.SideEffects, w.AdmissionReviewVersions})
	}
	return all
}

// read reads a manifest strictly: the API server would drop a field with a wrong name without an error.
func read(t *testing.T, name string, into any) {
	t.Helper()
	files, err := environment.FindFiles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(files.Manifest("base", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}
