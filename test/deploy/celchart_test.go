package deploy

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// baselineOf returns the policies and the bindings of the baseline, without labels.
func baselineOf(all objects) map[string]*unstructured.Unstructured {
	kept := map[string]*unstructured.Unstructured{}
	for key, object := range all {
		if strings.HasPrefix(object.GetName(), "ippool-webhook-baseline-") {
			object.SetLabels(nil)
			kept[key] = object
		}
	}
	return kept
}

// TestCELBaselineOfChart checks the policies of the chart.
func TestCELBaselineOfChart(t *testing.T) {
	suite.rows.Run(t, "off by default", func(t *testing.T) {
		expect(t, "policies", 0, len(baselineOf(render(t, ""))))
	})
	suite.rows.Run(t, "the same as the component", func(t *testing.T) {
		if diff := cmp.Diff(baselineOf(buildWith(t, "cel-baseline")), baselineOf(render(t, "celBaseline: {enabled: true}"))); diff != "" {
			t.Errorf("policies (-component +chart):\n%s", diff)
		}
	})
	suite.rows.Run(t, "actions of the Policy", func(t *testing.T) {
		all := render(t, `{celBaseline: {enabled: true}, policy: {rules: {podref-duplicate: {action: Audit}, range-too-small: {action: Deny}, id-required: {action: "Off"}}}}`)
		expect(t, "action of podref-duplicate", "audit", actionIn(t, all, "podref-duplicate"))
		expect(t, "action of range-too-small", "deny", actionIn(t, all, "range-too-small"))
		expect(t, "action of id-required", "", actionIn(t, all, "id-required"))
		expect(t, "action of range-syntax", "deny", actionIn(t, all, "range-syntax"))
	})
	suite.rows.Run(t, "Observe mode", func(t *testing.T) {
		all := render(t, "{celBaseline: {enabled: true}, webhooks: {users: {mode: Observe}}}")
		expect(t, "action of range-syntax", "warn", actionIn(t, all, "range-syntax"))
		expect(t, "action of range-too-small", "audit", actionIn(t, all, "range-too-small"))
	})
	suite.rows.Run(t, "Kubernetes before 1.33", func(t *testing.T) {
		const want = "celBaseline.enabled: Forbidden: the CEL baseline requires Kubernetes 1.33 or later, and the cluster has v1.32.9"
		_, err := helm(t.Context(), append([]string{"template", name, chart(), "--kube-version", "1.32.9"}, valueFlags(t, "celBaseline: {enabled: true}")...)...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error of helm:\n%v\nwant %q in it", err, want)
		}
	})
	suite.rows.Run(t, "Off without quotes", func(t *testing.T) {
		all := render(t, "{celBaseline: {enabled: true}, webhooks: {users: {mode: Observe}}, policy: {rules: {id-required: {action: Off}}}}")
		expect(t, "action of id-required", "", actionIn(t, all, "id-required"))
	})
	suite.rows.Run(t, "selectors and user names", func(t *testing.T) {
		all := render(t, "{celBaseline: {enabled: true}, webhooks: {excludedNamespaces: [lab], whereabouts: {extraUsernames: [mary]}}}")
		validating, _ := configurations(t, all)
		policy := baselinePolicy(t, all, "deny")
		expect(t, "namespaces", validating.Webhooks[0].NamespaceSelector, policy.Spec.MatchConstraints.NamespaceSelector)
		expect(t, "match conditions", validating.Webhooks[0].MatchConditions, policy.Spec.MatchConditions)
	})
	suite.rows.Run(t, "user names of the component", func(t *testing.T) {
		all := buildFrom(t, map[string]string{"kustomization.yaml": "resources: [../manifests/overlays/cert-manager]\n" +
			"components: [../manifests/components/cel-baseline, ../manifests/components/whereabouts-usernames]\n" +
			"configMapGenerator:\n- name: ippool-webhook-usernames\n  literals: [usernames=mary]\n  options: {annotations: {config.kubernetes.io/local-config: 'true'}, disableNameSuffixHash: true}\n"})
		validating, _ := configurations(t, all)
		expect(t, "match conditions", validating.Webhooks[0].MatchConditions, baselinePolicy(t, all, "deny").Spec.MatchConditions)
	})
}

func baselinePolicy(t *testing.T, all objects, action string) (policy admissionv1.ValidatingAdmissionPolicy) {
	t.Helper()
	all.get(t, "ValidatingAdmissionPolicy ippool-webhook-baseline-"+action, &policy)
	return policy
}

// actionIn returns the action of the policy that has a rule, or "".
func actionIn(t *testing.T, all objects, rule string) string {
	t.Helper()
	for _, action := range []string{"deny", "warn", "audit"} {
		if _, ok := all["ValidatingAdmissionPolicy ippool-webhook-baseline-"+action]; !ok {
			continue
		}
		if slices.ContainsFunc(baselinePolicy(t, all, action).Spec.Validations, func(v admissionv1.Validation) bool {
			return strings.Contains(v.MessageExpression, "(rule "+rule+")")
		}) {
			return action
		}
	}
	return ""
}
