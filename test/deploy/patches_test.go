package deploy

import (
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"ippool-webhook/test/markdown"
)

// TestPatches applies the patches of the documents to the overlay observability with the CEL baseline, and checks what they change.
func TestPatches(t *testing.T) {
	suite.rows.Run(t, "another Prometheus", func(t *testing.T) {
		all := patched(t, "install.md", "Monitoring", 1)
		var policy networkingv1.NetworkPolicy
		all.get(t, "NetworkPolicy "+name, &policy)
		expect(t, "namespace of Prometheus", map[string]string{"kubernetes.io/metadata.name": "prometheus"},
			policy.Spec.Ingress[2].From[0].NamespaceSelector.MatchLabels)
		for _, kind := range []string{"ServiceMonitor", "PrometheusRule"} {
			expect(t, "label of "+kind, "kube-prometheus-stack", all[kind+" "+name].GetLabels()["release"])
		}
	})
	suite.rows.Run(t, "AKS", func(t *testing.T) {
		for key, object := range patched(t, "platforms.md", "AKS", 0) {
			_, exempt := object.GetLabels()["admissions.enforcer/disabled"]
			expect(t, "label of "+key, key == "ValidatingWebhookConfiguration "+name || key == "MutatingWebhookConfiguration "+name, exempt)
		}
	})
	suite.rows.Run(t, "host network", func(t *testing.T) {
		var got, want appsv1.Deployment
		patched(t, "platforms.md", "Host network", 0).get(t, "Deployment "+name, &got)
		render(t, "hostNetwork: true").get(t, "Deployment "+name, &want)
		expect(t, "hostNetwork", want.Spec.Template.Spec.HostNetwork, got.Spec.Template.Spec.HostNetwork)
		expect(t, "dnsPolicy", want.Spec.Template.Spec.DNSPolicy, got.Spec.Template.Spec.DNSPolicy)
		expect(t, "strategy", want.Spec.Strategy, got.Spec.Strategy)
	})
	suite.rows.Run(t, "failurePolicy Ignore", func(t *testing.T) {
		validating, _ := configurations(t, patched(t, "cel-baseline.md", "CEL baseline", 2))
		expect(t, "failurePolicy", admissionv1.Ignore, *validating.Webhooks[0].FailurePolicy)
		expect(t, "webhooks", 1, len(validating.Webhooks))
	})
}

// patched returns the objects of a kustomization with a YAML block of a document.
func patched(t *testing.T, document, heading string, number int) objects {
	t.Helper()
	blocks, err := markdown.Blocks(suite.Path("docs", document), heading, "yaml")
	if err != nil {
		t.Fatal(err)
	}
	return buildFrom(t, map[string]string{"kustomization.yaml": "resources: [../manifests/overlays/observability]\n" +
		"components: [../manifests/components/cel-baseline]\n" + blocks[number]})
}
