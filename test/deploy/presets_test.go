package deploy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ippool-webhook/test/markdown"
)

// TestPresets checks what each preset changes, and that values of users have precedence.
func TestPresets(t *testing.T) {
	for _, row := range []struct {
		name string
		test func(*testing.T)
	}{
		{"openshift", testOpenShift},
		{"openshift and self-managed", testOpenShiftSelfManaged},
		{"openshift and cert-manager", testOpenShiftCertManager},
		{"rke2", func(t *testing.T) { testRancher(t, "rke2") }},
		{"harvester", func(t *testing.T) { testRancher(t, "harvester") }},
		{"aks", testAKS},
		{"gke", testGKE},
	} {
		suite.rows.Run(t, row.name, row.test)
	}
}

// testOpenShift expects that the chart leaves user IDs to security context constraints, and that service-ca issues
// certificates.
func testOpenShift(t *testing.T) {
	all := render(t, "preset: openshift")
	expectOpenShift(t, all)
	var service corev1.Service
	all.get(t, "Service ippool-webhook", &service)
	expect(t, "annotations of the Service", map[string]string{"service.beta.openshift.io/serving-cert-secret-name": "ippool-webhook-serving"}, service.Annotations)
	validating, mutating := configurations(t, all)
	inject := map[string]string{"service.beta.openshift.io/inject-cabundle": "true"}
	expect(t, "annotations of the ValidatingWebhookConfiguration", inject, validating.Annotations)
	expect(t, "annotations of the MutatingWebhookConfiguration", inject, mutating.Annotations)
	for key, object := range all {
		if object.GroupVersionKind().Group == "cert-manager.io" {
			t.Errorf("the chart renders %s", key)
		}
	}
}

func testOpenShiftSelfManaged(t *testing.T) {
	all := render(t, "{preset: openshift, certificates: {source: self-managed}}")
	expectOpenShift(t, all)
	validating, _ := configurations(t, all)
	expect(t, "annotations", nil, validating.Annotations)
	expect(t, "flags", []string{"serve", "--cert-source=self-managed", "--config=/etc/ippool-webhook/policy/policy.yaml"},
		deployment(t, all).Spec.Template.Spec.Containers[0].Args)
}

func expectOpenShift(t *testing.T, all objects) {
	t.Helper()
	runAsNonRoot := true
	expect(t, "security context", &corev1.PodSecurityContext{
		RunAsNonRoot: &runAsNonRoot, SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
	}, deployment(t, all).Spec.Template.Spec.SecurityContext)
	expect(t, "namespace of Prometheus", "openshift-monitoring", scraper(t, all))
}

// testOpenShiftCertManager expects that a source that the user sets has precedence, also if it is the default of other clusters.
func testOpenShiftCertManager(t *testing.T) {
	all := render(t, "{preset: openshift, certificates: {source: cert-manager}}")
	expectOpenShift(t, all)
	if _, ok := all["Certificate ippool-webhook-serving"]; !ok {
		t.Error("the chart renders no Certificate")
	}
}

// testRancher expects the namespaces of the chart rancher-monitoring.
func testRancher(t *testing.T, preset string) {
	t.Helper()
	const dashboard = "dashboard: {enabled: true"
	values := "{preset: " + preset + ", monitoring: {" + dashboard + "}}}"
	expect(t, "namespace of Prometheus", "cattle-monitoring-system", scraper(t, render(t, values)))
	expect(t, "namespace of the dashboard", "cattle-dashboards", dashboardNamespace(t, values))
	other := "{preset: " + preset + ", monitoring: {namespace: observe, " + dashboard + ", namespace: grafana}}}"
	expect(t, "other namespace of Prometheus", "observe", scraper(t, render(t, other)))
	expect(t, "other namespace of the dashboard", "grafana", dashboardNamespace(t, other))
}

// testAKS expects the label that exempts the webhook configurations from the admissions enforcer.
func testAKS(t *testing.T) {
	for values, want := range map[string]string{
		"preset: aks": "true",
		`{preset: aks, webhooks: {labels: {admissions.enforcer/disabled: "false", team: network}}}`: "false",
	} {
		validating, mutating := configurations(t, render(t, values))
		for _, labels := range []map[string]string{validating.Labels, mutating.Labels} {
			expect(t, values, want, labels["admissions.enforcer/disabled"])
			expect(t, "name", name, labels["app.kubernetes.io/name"])
		}
	}
	d := newInstallDocument(t)
	validating, mutating := configurations(t, buildFrom(t, map[string]string{
		"kustomization.yaml": d.blocks("With kustomize", "yaml")[0] + platformBlock(t, "AKS"),
	}))
	expect(t, "with kustomize, validating", "true", validating.Labels["admissions.enforcer/disabled"])
	expect(t, "with kustomize, mutating", "true", mutating.Labels["admissions.enforcer/disabled"])
}

// testGKE expects a quota for the priority class of the pods, except where it would not help or would limit other pods.
func testGKE(t *testing.T) {
	const key = "ResourceQuota ippool-webhook"
	all := render(t, "{preset: gke, replicas: 3}")
	var quota corev1.ResourceQuota
	all.get(t, key, &quota)
	expect(t, "namespace", name, quota.Namespace)
	expect(t, "pods", "15", quota.Spec.Hard.Pods().String())
	expect(t, "scope", &corev1.ScopeSelector{MatchExpressions: []corev1.ScopedResourceSelectorRequirement{
		{ScopeName: corev1.ResourceQuotaScopePriorityClass, Operator: corev1.ScopeSelectorOpIn, Values: []string{"system-cluster-critical"}},
	}}, quota.Spec.ScopeSelector)
	documented := platformBlock(t, "Critical pods")
	if diff := cmp.Diff(parse(t, []byte(documented))[key].Object["spec"], render(t, "preset: gke")[key].Object["spec"]); diff != "" {
		t.Errorf("quota (-document +chart):\n%s", diff)
	}
	for _, row := range []struct{ what, values, namespace string }{
		{"without the preset", "", name},
		{"with another priority class", "{preset: gke, priorityClassName: high}", name},
		{"without a priority class", `{preset: gke, priorityClassName: ""}`, name},
		{"in kube-system", "preset: gke", metav1.NamespaceSystem},
	} {
		if _, ok := render(t, row.values, "--namespace", row.namespace)[key]; ok {
			t.Errorf("the chart renders a ResourceQuota %s", row.what)
		}
	}
}

// platformBlock returns the first YAML block of a section of docs/platforms.md.
func platformBlock(t *testing.T, heading string) string {
	t.Helper()
	blocks, err := markdown.Blocks(suite.Path("docs", "platforms.md"), heading, "yaml")
	if err != nil {
		t.Fatal(err)
	}
	return blocks[0]
}
