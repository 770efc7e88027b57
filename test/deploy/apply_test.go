package deploy

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// monitoring are the values that add the objects for Prometheus Operator and Grafana.
const monitoring = "monitoring: {serviceMonitor: {enabled: true}, prometheusRule: {enabled: true}, dashboard: {enabled: true}}"

// additional are values that add items to those of the chart.
const additional = `
podLabels: {tier: network}
podAnnotations: {team: network}
extraEnv: [{name: GODEBUG, value: gctrace=1}]
extraArgs: [--client-ca-file=/etc/clients/ca.crt]
extraVolumes: [{name: clients, configMap: {name: clients}}]
extraVolumeMounts: [{name: clients, mountPath: /etc/clients, readOnly: true}]
affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}}}
topologySpreadConstraints: [{maxSkew: 2, topologyKey: rack, whenUnsatisfiable: DoNotSchedule}]
webhooks: {labels: {team: network}, annotations: {owner: jane}}
monitoring:
  serviceMonitor: {enabled: true, additionalLabels: {release: a}}
  prometheusRule: {enabled: true, additionalLabels: {release: a}, runbookURL: https://git.example/runbook.md}
  dashboard: {enabled: true}
`

// installations are the ways to install the webhook.
func installations() map[string]func(*testing.T) objects {
	chart := func(values string) func(*testing.T) objects {
		return func(t *testing.T) objects { return render(t, values) }
	}
	overlay := func(name string) func(*testing.T) objects {
		return func(t *testing.T) objects { return build(t, name) }
	}
	return map[string]func(*testing.T) objects{
		"chart":                       chart(""),
		"chart with self-managed":     chart("certificates: {source: self-managed}"),
		"chart with service-ca":       chart("certificates: {source: service-ca}"),
		"chart with files":            chart("certificates: {source: files, caBundle: CA}"),
		"chart with preset openshift": chart("preset: openshift"),
		"chart with preset aks":       chart("preset: aks"),
		"chart with preset gke":       chart("preset: gke"),
		"chart with hostNetwork":      chart("hostNetwork: true"),
		"chart with additional items": chart(additional),
		"chart with monitoring":       chart(monitoring),
		"overlay cert-manager":        overlay("cert-manager"),
		"overlay self-managed":        overlay("self-managed"),
		"overlay observability":       overlay("observability"),
	}
}

// TestApply sends every object to the API server as a dry run with strict field validation.
func TestApply(t *testing.T) {
	all := installations()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		suite.rows.Run(t, name, func(t *testing.T) {
			for key, object := range all[name](t) {
				if err := dryRunApply(t, object); err != nil {
					t.Errorf("%s: %v", key, err)
				}
			}
		})
	}
	suite.rows.Run(t, "field with a wrong name", func(t *testing.T) {
		service := render(t, "")["Service ippool-webhook"]
		service.Object["spec"].(map[string]any)["ports"].([]any)[0].(map[string]any)["tragetPort"] = "webhook" //nolint:errcheck // a wrong type panics
		if err := dryRunApply(t, service); err == nil {
			t.Error("the API server accepts it, so the other rows prove nothing")
		}
	})
}

// dryRunApply applies an object as `kubectl apply --server-side --dry-run=server --validate=strict` does.
func dryRunApply(t *testing.T, object client.Object) error {
	t.Helper()
	text, err := json.Marshal(object)
	if err != nil {
		return err
	}
	return suite.admin.Patch(t.Context(), object, client.RawPatch(types.ApplyPatchType, text),
		client.DryRunAll, client.FieldOwner("test"), client.FieldValidation(metav1.FieldValidationStrict))
}

// TestPodSecurity creates the pods, as a dry run, in the namespace of the manifests with its labels.
func TestPodSecurity(t *testing.T) {
	suite.rows.Run(t, "namespace", func(t *testing.T) {
		var namespace corev1.Namespace
		build(t, "cert-manager").get(t, "Namespace ippool-webhook", &namespace)
		for _, mode := range []string{"enforce", "audit", "warn"} {
			expect(t, mode, "restricted", namespace.Labels["pod-security.kubernetes.io/"+mode])
		}
	})
	for _, values := range []string{"{}", "certificates: {source: self-managed}", "preset: openshift"} {
		suite.rows.Run(t, values, func(t *testing.T) {
			if err := dryRunCreate(t, pod(t, values)); err != nil {
				t.Error(err)
			}
		})
	}
	yes, no := true, false
	for _, row := range []struct {
		name    string
		violate func(*corev1.PodSpec)
	}{
		{"host network", func(p *corev1.PodSpec) { p.HostNetwork = true }},
		{"root", func(p *corev1.PodSpec) { p.SecurityContext.RunAsNonRoot = &no }},
		{"no seccomp profile", func(p *corev1.PodSpec) { p.SecurityContext.SeccompProfile = nil }},
		{"privilege escalation", func(p *corev1.PodSpec) { p.Containers[0].SecurityContext.AllowPrivilegeEscalation = &yes }},
		{"default capabilities", func(p *corev1.PodSpec) { p.Containers[0].SecurityContext.Capabilities = nil }},
	} {
		suite.rows.Run(t, "rejected: "+row.name, func(t *testing.T) {
			violating := pod(t, "")
			row.violate(&violating.Spec)
			if err := dryRunCreate(t, violating); !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), `PodSecurity "restricted`) {
				t.Errorf("err = %v, want a violation of PodSecurity", err)
			}
		})
	}
}

// pod returns a pod of the Deployment.
func pod(t *testing.T, values string) *corev1.Pod {
	t.Helper()
	template := deployment(t, render(t, values)).Spec.Template
	template.Name, template.Namespace = name, name
	return &corev1.Pod{ObjectMeta: template.ObjectMeta, Spec: template.Spec}
}

func dryRunCreate(t *testing.T, object client.Object) error {
	t.Helper()
	return suite.admin.Create(t.Context(), object, client.DryRunAll)
}
