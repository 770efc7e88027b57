package deploy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// deployment returns the rendered Deployment.
func deployment(t *testing.T, all objects) (d appsv1.Deployment) {
	t.Helper()
	all.get(t, "Deployment ippool-webhook", &d)
	return d
}

// TestValues checks that each value has the effect that its comment describes.
func TestValues(t *testing.T) {
	for _, row := range []struct {
		name string
		test func(*testing.T)
	}{
		{"image", testImage},
		{"image by digest", testDigest},
		{"excludedNamespaces", testExcludedNamespaces},
		{"selectors", testSelectors},
		{"failurePolicy and timeouts", testFailure},
		{"no mutating webhook", testNoMutatingWebhook},
		{"hostNetwork", testHostNetwork},
		{"source files", testFiles},
		{"other namespace", testOtherNamespace},
		{"other Secret", testOtherSecret},
		{"placement", testPlacement},
		{"other placement", testOtherPlacement},
		{"additional environment and volumes", testExtras},
		{"metadata of the webhook configurations", testWebhookMetadata},
		{"labels for Prometheus", testAdditionalLabels},
		{"namespace of the dashboard", testDashboardNamespace},
		{"no network policy", testNoNetworkPolicy},
		{"namespace of Prometheus", testPrometheusNamespace},
	} {
		suite.rows.Run(t, row.name, row.test)
	}
}

func testImage(t *testing.T) {
	pod := deployment(t, render(t, "image: {repository: registry.example/ippool-webhook, tag: v9, pullPolicy: Always, pullSecrets: [a, b]}")).Spec.Template.Spec
	expect(t, "image", "registry.example/ippool-webhook:v9", pod.Containers[0].Image)
	expect(t, "pull policy", corev1.PullAlways, pod.Containers[0].ImagePullPolicy)
	expect(t, "pull secrets", []corev1.LocalObjectReference{{Name: "a"}, {Name: "b"}}, pod.ImagePullSecrets)
}

func testDigest(t *testing.T) {
	const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	pod := deployment(t, render(t, "image: {repository: r, tag: v9, digest: '"+digest+"'}")).Spec.Template.Spec
	expect(t, "image", "r@"+digest, pod.Containers[0].Image)
}

func testExcludedNamespaces(t *testing.T) {
	validating, mutating := configurations(t, render(t, `
webhooks:
  excludedNamespaces: [lab, dev]
  namespaceSelector:
    matchLabels: {pools: guarded}
    matchExpressions: [{key: team, operator: Exists}]`))
	want := &metav1.LabelSelector{
		MatchLabels: map[string]string{"pools": "guarded"},
		MatchExpressions: []metav1.LabelSelectorRequirement{
			{Key: "team", Operator: metav1.LabelSelectorOpExists},
			{Key: "kubernetes.io/metadata.name", Operator: metav1.LabelSelectorOpNotIn, Values: []string{"lab", "dev"}},
		},
	}
	for _, webhook := range validating.Webhooks {
		expect(t, webhook.Name, want, webhook.NamespaceSelector)
	}
	expect(t, "mutating", want, mutating.Webhooks[0].NamespaceSelector)
}

func testSelectors(t *testing.T) {
	validating, mutating := configurations(t, render(t, "webhooks: {objectSelector: {matchLabels: {pools: guarded}}}"))
	want := &metav1.LabelSelector{MatchLabels: map[string]string{"pools": "guarded"}}
	for _, webhook := range validating.Webhooks {
		expect(t, webhook.Name, want, webhook.ObjectSelector)
		expect(t, webhook.Name, nil, webhook.NamespaceSelector)
	}
	expect(t, "mutating", want, mutating.Webhooks[0].ObjectSelector)
}

func testFailure(t *testing.T) {
	validating, mutating := configurations(t, render(t,
		"webhooks: {users: {failurePolicy: Ignore, timeoutSeconds: 7}, whereabouts: {mode: Observe, timeoutSeconds: 2}, mutating: {timeoutSeconds: 3}}"))
	var got []string
	for _, webhook := range validating.Webhooks {
		got = append(got, asJSON(t, []any{webhook.Name, webhook.FailurePolicy, webhook.TimeoutSeconds}))
	}
	for _, webhook := range mutating.Webhooks {
		got = append(got, asJSON(t, []any{webhook.Name, webhook.FailurePolicy, webhook.TimeoutSeconds}))
	}
	expect(t, "webhooks", []string{
		`["users.validate.ippool-webhook","Ignore",7]`, `["whereabouts.validate.ippool-webhook","Ignore",2]`, `["users.mutate.ippool-webhook","Ignore",3]`,
	}, got)
}

func testNoMutatingWebhook(t *testing.T) {
	if _, ok := render(t, "webhooks: {mutating: {enabled: false}}")["MutatingWebhookConfiguration ippool-webhook"]; ok {
		t.Error("the chart renders a MutatingWebhookConfiguration")
	}
}

// scraper returns the namespace that can read the metrics.
func scraper(t *testing.T, all objects) string {
	t.Helper()
	var p networkingv1.NetworkPolicy
	all.get(t, "NetworkPolicy ippool-webhook", &p)
	return p.Spec.Ingress[2].From[0].NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"]
}

func testHostNetwork(t *testing.T) {
	d := deployment(t, render(t, "{hostNetwork: true, ports: {webhook: 19443, metrics: 18080, health: 18081}}"))
	pod := d.Spec.Template.Spec
	expect(t, "hostNetwork", true, pod.HostNetwork)
	expect(t, "DNS", corev1.DNSClusterFirstWithHostNet, pod.DNSPolicy)
	none, one := intstr.FromInt32(0), intstr.FromInt32(1)
	expect(t, "rolling update", &appsv1.RollingUpdateDeployment{MaxUnavailable: &one, MaxSurge: &none}, d.Spec.Strategy.RollingUpdate)
	expect(t, "ports", []corev1.ContainerPort{
		{Name: "webhook", ContainerPort: 19443}, {Name: "metrics", ContainerPort: 18080}, {Name: "health", ContainerPort: 18081},
	}, pod.Containers[0].Ports)
	expect(t, "flags", []string{
		"serve", "--cert-dir=/etc/ippool-webhook/certs", "--config=/etc/ippool-webhook/policy/policy.yaml",
		"--port=19443", "--metrics-bind-address=:18080", "--health-probe-bind-address=:18081",
	}, pod.Containers[0].Args)
}

func testFiles(t *testing.T) {
	const ca = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
	all := render(t, "certificates: {source: files, secretName: mine, caBundle: "+asJSON(t, ca)+"}")
	validating, mutating := configurations(t, all)
	for _, webhook := range validating.Webhooks {
		expect(t, "caBundle of "+webhook.Name, ca, string(webhook.ClientConfig.CABundle))
	}
	expect(t, "caBundle of the mutating webhook", ca, string(mutating.Webhooks[0].ClientConfig.CABundle))
	expect(t, "annotations", nil, validating.Annotations)
	expect(t, "mounted Secret", "mine", deployment(t, all).Spec.Template.Spec.Volumes[0].Secret.SecretName)
	for key := range all {
		if key == "Secret mine" || key == "Certificate mine" {
			t.Errorf("the chart renders %s, which the user creates", key)
		}
	}
}

func testOtherSecret(t *testing.T) {
	all := render(t, "certificates: {source: self-managed, secretName: other}")
	if _, ok := all["Secret other"]; !ok {
		t.Error("the chart does not render the Secret other")
	}
	expect(t, "flags", []string{
		"serve", "--cert-source=self-managed", "--secret-name=other", "--config=/etc/ippool-webhook/policy/policy.yaml",
	}, deployment(t, all).Spec.Template.Spec.Containers[0].Args)
	var role rbacv1.Role
	all.get(t, "Role ippool-webhook", &role)
	expect(t, "Secret in the permissions", []string{"other"}, role.Rules[0].ResourceNames)
}

func testPlacement(t *testing.T) {
	d := deployment(t, render(t, `
replicas: 3
priorityClassName: ""
nodeSelector: {node-role.kubernetes.io/control-plane: ""}
tolerations: [{key: node-role.kubernetes.io/control-plane, effect: NoSchedule}]
podAnnotations: {team: network}
podLabels: {tier: control-plane}`))
	pod := d.Spec.Template
	expect(t, "replicas", int32(3), *d.Spec.Replicas)
	expect(t, "priority", "", pod.Spec.PriorityClassName)
	expect(t, "node selector", map[string]string{"node-role.kubernetes.io/control-plane": ""}, pod.Spec.NodeSelector)
	expect(t, "tolerations", []corev1.Toleration{{Key: "node-role.kubernetes.io/control-plane", Effect: corev1.TaintEffectNoSchedule}}, pod.Spec.Tolerations)
	expect(t, "annotation", "network", pod.Annotations["team"])
	expect(t, "labels", map[string]string{"app.kubernetes.io/name": name, "tier": "control-plane"}, pod.Labels)
}

// testOtherPlacement expects that an affinity and topology spread constraints replace the defaults.
func testOtherPlacement(t *testing.T) {
	pod := deployment(t, render(t, `
affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}}}
topologySpreadConstraints: [{maxSkew: 2, topologyKey: rack, whenUnsatisfiable: DoNotSchedule}]`)).Spec.Template.Spec
	expect(t, "affinity", &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
		NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchExpressions: []corev1.NodeSelectorRequirement{{Key: "a", Operator: corev1.NodeSelectorOpExists}}}},
	}}}, pod.Affinity)
	expect(t, "topology spread constraints", []corev1.TopologySpreadConstraint{
		{MaxSkew: 2, TopologyKey: "rack", WhenUnsatisfiable: corev1.DoNotSchedule},
	}, pod.TopologySpreadConstraints)
}

// testExtras expects additional items after those of the chart.
func testExtras(t *testing.T) {
	pod := deployment(t, render(t, `
extraEnv: [{name: GODEBUG, value: gctrace=1}]
extraVolumes: [{name: ca, configMap: {name: clients}}]
extraVolumeMounts: [{name: ca, mountPath: /etc/clients, readOnly: true}]`)).Spec.Template.Spec
	container := pod.Containers[0]
	expect(t, "environment", []corev1.EnvVar{{Name: "GOMEMLIMIT", Value: "460MiB"}, {Name: "GODEBUG", Value: "gctrace=1"}}, container.Env)
	expect(t, "volume mounts", []corev1.VolumeMount{
		{Name: "certs", MountPath: "/etc/ippool-webhook/certs", ReadOnly: true},
		{Name: "policy", MountPath: "/etc/ippool-webhook/policy", ReadOnly: true},
		{Name: "ca", MountPath: "/etc/clients", ReadOnly: true},
	}, container.VolumeMounts)
	var volumes []string
	for _, volume := range pod.Volumes {
		volumes = append(volumes, volume.Name)
	}
	expect(t, "volumes", []string{"certs", "policy", "ca"}, volumes)
}

// testWebhookMetadata expects labels and annotations in addition to those of the chart.
func testWebhookMetadata(t *testing.T) {
	const values = "webhooks: {labels: {team: network}, annotations: {owner: jane}}"
	plainValidating, plainMutating := configurations(t, render(t, ""))
	validating, mutating := configurations(t, render(t, values))
	for _, row := range []struct {
		what            string
		plain, extended metav1.ObjectMeta
	}{{"validating", plainValidating.ObjectMeta, validating.ObjectMeta}, {"mutating", plainMutating.ObjectMeta, mutating.ObjectMeta}} {
		row.plain.Labels["team"], row.plain.Annotations["owner"] = "network", "jane"
		expect(t, "labels, "+row.what, row.plain.Labels, row.extended.Labels)
		expect(t, "annotations, "+row.what, row.plain.Annotations, row.extended.Annotations)
	}
	validating, _ = configurations(t, render(t, "{certificates: {source: self-managed}, "+values[:len(values)-1]+"}}"))
	expect(t, "annotations with self-managed", map[string]string{"owner": "jane"}, validating.Annotations)
}

func testAdditionalLabels(t *testing.T) {
	all := render(t, "monitoring: {serviceMonitor: {enabled: true, additionalLabels: {release: a}}, prometheusRule: {enabled: true, additionalLabels: {release: b}}}")
	for key, want := range map[string]string{"ServiceMonitor ippool-webhook": "a", "PrometheusRule ippool-webhook": "b"} {
		labels := all[key].GetLabels()
		expect(t, "release of "+key, want, labels["release"])
		expect(t, "name of "+key, name, labels["app.kubernetes.io/name"])
	}
}

func testDashboardNamespace(t *testing.T) {
	expect(t, "namespace", "grafana", dashboardNamespace(t, "monitoring: {dashboard: {enabled: true, namespace: grafana}}"))
	expect(t, "default", name, dashboardNamespace(t, "monitoring: {dashboard: {enabled: true}}"))
}

func dashboardNamespace(t *testing.T, values string) string {
	t.Helper()
	dashboard, ok := render(t, values)["ConfigMap ippool-webhook-dashboard"]
	if !ok {
		t.Fatal("there is no dashboard")
	}
	return dashboard.GetNamespace()
}

func testNoNetworkPolicy(t *testing.T) {
	if _, ok := render(t, "networkPolicy: {enabled: false}")["NetworkPolicy ippool-webhook"]; ok {
		t.Error("the chart renders a NetworkPolicy")
	}
}

func testPrometheusNamespace(t *testing.T) {
	expect(t, "namespace of Prometheus", "observe", scraper(t, render(t, "monitoring: {namespace: observe}")))
}

// expect compares a rendered value with the expected one. If want is nil, the value must be absent.
func expect(t *testing.T, what string, want, got any) {
	t.Helper()
	if want == nil && asJSON(t, got) == "null" {
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
