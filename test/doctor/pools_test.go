package doctor

import (
	"context"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"ippool-webhook/test/environment"
)

// poolRows break what protects the stored pools.
func poolRows() []row {
	return []row{
		{"finalizer", func(t *testing.T) { addPool(t, metav1.NamespaceSystem, "example.com/hold") }, expectation{check: "pools", status: warn,
			message: "kube-system/10.0.0.0-24 (example.com/hold) can be deleted with allocations", remedy: "remove the finalizers"}},
		{"pools in another namespace", func(t *testing.T) { addPool(t, metav1.NamespaceDefault) }, expectation{check: "admission", status: pass,
			message: "the webhook denied a malformed pool in namespace default"}},
		// The enforcer of AKS excludes kube-system, which has the pools, by this selector. A dry run elsewhere would be denied.
		{"admissions enforcer of AKS", func(t *testing.T) {
			alter(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: metav1.NamespaceSystem}}, func(n *corev1.Namespace) {
				n.Labels["control-plane"] = "true"
			})
			changeUsers(func(w *admissionv1.ValidatingWebhook) {
				w.NamespaceSelector = &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{
					{Key: "control-plane", Operator: metav1.LabelSelectorOpDoesNotExist},
				}}
			})(t)
		}, expectation{check: "validating-webhook", status: fail, message: "namespaceSelector must be {}, is !control-plane",
			remedy: `set the label admissions.enforcer/disabled: "true"`, also: statuses{"admission": fail}}},
		{"webhook of another product", func(t *testing.T) {
			add(t, &admissionv1.ValidatingWebhookConfiguration{ObjectMeta: metav1.ObjectMeta{Name: "another-product"}, Webhooks: []admissionv1.ValidatingWebhook{{
				Name: "pools.example.com", AdmissionReviewVersions: []string{"v1"}, SideEffects: new(admissionv1.SideEffectClassNone),
				FailurePolicy: new(admissionv1.Ignore), ClientConfig: admissionv1.WebhookClientConfig{URL: new("https://127.0.0.1:1/")},
				Rules: []admissionv1.RuleWithOperations{{
					Operations: []admissionv1.OperationType{admissionv1.OperationAll},
					Rule:       admissionv1.Rule{APIGroups: []string{"whereabouts.cni.cncf.io"}, APIVersions: []string{"*"}, Resources: []string{"*"}},
				}},
			}}})
		}, expectation{check: "other-webhooks", status: warn,
			message: "webhook pools.example.com of the ValidatingWebhookConfiguration another-product is called for pools too (failurePolicy Ignore), also for requests of Whereabouts",
			remedy:  "exclude Whereabouts in matchConditions"}},
		// A policy denies the first dry run before the webhook is called.
		{"CEL baseline", addBaseline, expectation{check: "admission", status: pass, message: "(dry run, rule offset-out-of-range)"}},
	}
}

// addPool stores a pool until the end of the test.
func addPool(t *testing.T, namespace string, finalizers ...string) {
	t.Helper()
	pool := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"range": "10.0.0.0/24", "allocations": map[string]any{}}}}
	pool.SetGroupVersionKind(environment.PoolResource().GroupVersion().WithKind("IPPool"))
	pool.SetNamespace(namespace)
	pool.SetName("10.0.0.0-24")
	pool.SetFinalizers(finalizers)
	if err := suite.admin.Create(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.Background()
		patch := client.RawPatch("application/merge-patch+json", []byte(`{"metadata": {"finalizers": null}}`))
		if err := suite.admin.Patch(ctx, pool, patch); err != nil {
			t.Error(err)
		}
		if err := suite.admin.Delete(ctx, pool); err != nil {
			t.Error(err)
		}
	})
}

// addBaseline installs the policies of the CEL baseline until the end of the test.
func addBaseline(t *testing.T) {
	// The API server takes a moment to see that the policies are deleted.
	t.Cleanup(func() {
		await(t, expectation{check: "admission", status: pass, message: "(dry run, rule range-syntax)"}, "--kubeconfig", suite.jane)
	})
	built, err := suite.Build("resources: [../manifests/base]\ncomponents: [../manifests/components/cel-baseline]\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range built.Resources() {
		if !strings.HasPrefix(r.GetName(), "ippool-webhook-baseline-") {
			continue
		}
		policy := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(r.MustYaml()), &policy.Object); err != nil {
			t.Fatal(err)
		}
		add(t, policy)
	}
}
