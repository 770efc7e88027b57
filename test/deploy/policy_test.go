package deploy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/rules"
)

// policyOf returns the rendered Policy as the server reads it.
func policyOf(t *testing.T, all objects) effectivePolicy {
	t.Helper()
	var configMap corev1.ConfigMap
	all.get(t, "ConfigMap ippool-webhook-policy", &configMap)
	return effective(t, configMap.Data["policy.yaml"])
}

// TestPolicy checks that the server accepts every Policy that the schema accepts, and that its effect is the same.
func TestPolicy(t *testing.T) {
	for _, action := range []rules.Action{rules.Deny, rules.Warn, rules.Audit, rules.Off} {
		suite.rows.Run(t, "every rule "+action.String(), func(t *testing.T) {
			var text strings.Builder
			text.WriteString("policy:\n  rules:\n")
			want := effective(t, "{apiVersion: "+policy.APIVersion+", kind: "+policy.Kind+"}")
			for _, rule := range rules.All(rules.Options{}) {
				if !rule.ByFieldValidation {
					fmt.Fprintf(&text, "    %s: {action: %s}\n", rule.ID, action) // YAML 1.1 reads Off as a boolean
					want.Actions[rule.ID] = action.String()
				}
			}
			if diff := cmp.Diff(want, policyOf(t, render(t, text.String()))); diff != "" {
				t.Errorf("policy (-want +got):\n%s", diff)
			}
		})
	}
	for _, row := range []struct {
		name, values string
		change       func(*effectivePolicy)
	}{
		{"defaults", "", func(*effectivePolicy) {}},
		{"Off as text", `policy: {rules: {pool-size: {action: "Off"}}}`, func(m *effectivePolicy) { m.Actions["pool-size"] = "Off" }},
		{"rule without an action", `policy: {rules: {pool-size: {}}}`, func(*effectivePolicy) {}},
		{"scope Pod", `policy: {rules: {podref-duplicate: {scope: Pod}}}`, func(m *effectivePolicy) { m.Scope = rules.ScopePod }},
		{"scope Interface", `policy: {rules: {podref-duplicate: {action: Warn, scope: Interface}}}`, func(m *effectivePolicy) {
			m.Actions["podref-duplicate"] = "Warn"
		}},
		{"fieldValidation Warn", `policy: {fieldValidation: Warn}`, func(m *effectivePolicy) { m.FieldValidation = policy.Warn }},
		{"fieldValidation Strict", `policy: {fieldValidation: Strict}`, func(m *effectivePolicy) { m.FieldValidation = policy.Strict }},
		{"knownFields", `policy: {knownFields: [extra, spec.gateway, "spec.allocations.*.owner"]}`, func(m *effectivePolicy) {
			m.KnownFields = []string{"extra", "spec.gateway", "spec.allocations.*.owner"}
		}},
	} {
		suite.rows.Run(t, row.name, func(t *testing.T) {
			want := effective(t, "{apiVersion: "+policy.APIVersion+", kind: "+policy.Kind+"}")
			row.change(&want)
			if diff := cmp.Diff(want, policyOf(t, render(t, row.values))); diff != "" {
				t.Errorf("policy (-want +got):\n%s", diff)
			}
		})
	}
}

// TestKnownFields checks that the chart accepts the same paths as the server, and does not change them.
func TestKnownFields(t *testing.T) {
	for _, path := range []string{
		"extra", "spec.gateway", "spec.allocations.*.owner", "spec.allocations", "with space", "yes", "5", `quo"ted`, "{{ now }}",
		"", "spec.", "spec.a.b", "spec.*", "*", "extra.", "metadata.labels", "spec.allocations.*", "spec.allocations.*.", "spec.allocations.5.owner",
		"spec.allocations.*.a.b",
	} {
		suite.rows.Run(t, "known field "+asJSON(t, path), func(t *testing.T) {
			line := "knownFields: " + asJSON(t, []string{path}) // JSON is valid YAML
			_, mistake := policy.Parse([]byte("apiVersion: " + policy.APIVersion + "\nkind: " + policy.Kind + "\n" + line + "\n"))
			out, err := helm(t.Context(), append([]string{"template", name, chart()}, valueFlags(t, "policy: {"+line+"}")...)...)
			switch {
			case mistake == nil && err == nil:
				expect(t, "knownFields", []string{path}, policyOf(t, parse(t, out)).KnownFields)
			case (mistake == nil) != (err == nil):
				t.Errorf("error of helm: %v; error of the server: %v", err, mistake)
			case !strings.Contains(err.Error(), "at '/policy/knownFields/0'"):
				t.Errorf("error of helm: %v, want one about the known field", err)
			}
		})
	}
}

// TestExtraUsernames expects user names in the match condition of each webhook, after those of the preset.
func TestExtraUsernames(t *testing.T) {
	for _, row := range []struct{ name, values, want string }{
		{"none", "{}", ""},
		{"one", "webhooks: {whereabouts: {extraUsernames: ['system:serviceaccount:cni:whereabouts']}}", "system:serviceaccount:cni:whereabouts"},
		{"several", "webhooks: {whereabouts: {extraUsernames: [a, '{{b}}']}}", "a,{{b}}"},
		{"openshift", "{preset: openshift, webhooks: {whereabouts: {extraUsernames: [a]}}}", "system:serviceaccount:openshift-multus:multus-ancillary-tools,a"},
	} {
		suite.rows.Run(t, row.name, func(t *testing.T) {
			validating, mutating := configurations(t, render(t, row.values))
			for name, expression := range map[string]string{
				validating.Webhooks[0].Name: validating.Webhooks[0].MatchConditions[0].Expression,
				mutating.Webhooks[0].Name:   mutating.Webhooks[0].MatchConditions[0].Expression,
			} {
				if parts := strings.Split(expression, `"`); len(parts) != 3 || parts[1] != row.want {
					t.Errorf("%s has %s, want the user names %q", name, expression, row.want)
				}
			}
		})
	}
}

func configurations(t *testing.T, all objects) (validating admissionv1.ValidatingWebhookConfiguration, mutating admissionv1.MutatingWebhookConfiguration) {
	t.Helper()
	all.get(t, "ValidatingWebhookConfiguration ippool-webhook", &validating)
	all.get(t, "MutatingWebhookConfiguration ippool-webhook", &mutating)
	return validating, mutating
}

// TestPolicyRollsPods checks that a change of the Policy changes the annotation that replaces the pods, and nothing else in the
// Deployment.
func TestPolicyRollsPods(t *testing.T) {
	suite.rows.Run(t, "checksum", func(t *testing.T) {
		var before, again, after appsv1.Deployment
		render(t, "").get(t, "Deployment ippool-webhook", &before)
		render(t, "podLabels: {}").get(t, "Deployment ippool-webhook", &again)
		render(t, "policy: {fieldValidation: Warn}").get(t, "Deployment ippool-webhook", &after)
		const checksum = "checksum/policy"
		sums := []string{before.Spec.Template.Annotations[checksum], again.Spec.Template.Annotations[checksum], after.Spec.Template.Annotations[checksum]}
		if sums[0] == "" || sums[0] != sums[1] || sums[0] == sums[2] {
			t.Errorf("checksums %q, want the first two equal and the third different", sums)
		}
		ignored := cmpopts.IgnoreMapEntries(func(key, _ string) bool { return key == checksum })
		if diff := cmp.Diff(before, after, ignored); diff != "" {
			t.Errorf("Deployment (-before +after):\n%s", diff)
		}
	})
}
