package deploy

import (
	"fmt"
	"regexp"
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

// policyOf returns what the rendered policy means to the server.
func policyOf(t *testing.T, all objects) meaningOf {
	t.Helper()
	var configMap corev1.ConfigMap
	all.get(t, "ConfigMap ippool-webhook-policy", &configMap)
	return meaning(t, configMap.Data["policy.yaml"])
}

// TestPolicy expects the server to take every policy that the schema takes, as it is meant.
func TestPolicy(t *testing.T) {
	for _, action := range []rules.Action{rules.Deny, rules.Warn, rules.Audit, rules.Off} {
		suite.rows.Run(t, "every rule "+action.String(), func(t *testing.T) {
			var text strings.Builder
			text.WriteString("policy:\n  rules:\n")
			want := meaning(t, "{apiVersion: "+policy.APIVersion+", kind: "+policy.Kind+"}")
			for _, rule := range rules.All(rules.Options{}) {
				if !rule.ByFieldValidation {
					fmt.Fprintf(&text, "    %s: {action: %s}\n", rule.ID, action) // of which Off is a boolean
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
		change       func(*meaningOf)
	}{
		{"defaults", "", func(*meaningOf) {}},
		{"Off as text", `policy: {rules: {pool-size: {action: "Off"}}}`, func(m *meaningOf) { m.Actions["pool-size"] = "Off" }},
		{"rule without an action", `policy: {rules: {pool-size: {}}}`, func(*meaningOf) {}},
		{"scope Pod", `policy: {rules: {podref-duplicate: {scope: Pod}}}`, func(m *meaningOf) { m.Scope = rules.ScopePod }},
		{"scope Interface", `policy: {rules: {podref-duplicate: {action: Warn, scope: Interface}}}`, func(m *meaningOf) {
			m.Actions["podref-duplicate"] = "Warn"
		}},
		{"fieldValidation Warn", `policy: {fieldValidation: Warn}`, func(m *meaningOf) { m.FieldValidation = policy.Warn }},
		{"fieldValidation Strict", `policy: {fieldValidation: Strict}`, func(m *meaningOf) { m.FieldValidation = policy.Strict }},
		{"knownFields", `policy: {knownFields: [extra, spec.gateway, "spec.allocations.*.owner"]}`, func(m *meaningOf) {
			m.KnownFields = []string{"extra", "spec.gateway", "spec.allocations.*.owner"}
		}},
		{"enforcement Full", `trustedWriters: {enforcement: Full}`, func(m *meaningOf) { m.TrustedWriters.Enforcement = policy.Full }},
	} {
		suite.rows.Run(t, row.name, func(t *testing.T) {
			want := meaning(t, "{apiVersion: "+policy.APIVersion+", kind: "+policy.Kind+"}")
			row.change(&want)
			if diff := cmp.Diff(want, policyOf(t, render(t, row.values))); diff != "" {
				t.Errorf("policy (-want +got):\n%s", diff)
			}
		})
	}
}

// TestKnownFields expects the chart to take the same paths as the server, as they are.
func TestKnownFields(t *testing.T) {
	for _, path := range []string{
		"extra", "spec.gateway", "spec.allocations.*.owner", "spec.allocations", "with space", "yes", "5", `quo"ted`, "{{ now }}",
		"", "spec.", "spec.a.b", "spec.*", "*", "extra.", "metadata.labels", "spec.allocations.*", "spec.allocations.*.", "spec.allocations.5.owner",
		"spec.allocations.*.a.b",
	} {
		suite.rows.Run(t, "known field "+asJSON(t, path), func(t *testing.T) {
			line := "knownFields: " + asJSON(t, []string{path}) // which is YAML too
			_, mistake := policy.Parse([]byte("apiVersion: " + policy.APIVersion + "\nkind: " + policy.Kind + "\n" + line + "\n"))
			out, err := helm(t.Context(), "template", name, chart(), "--values", values(t, "policy: {"+line+"}"))
			switch {
			case mistake == nil && err == nil:
				expect(t, "knownFields", []string{path}, policyOf(t, parse(t, out)).KnownFields)
			case (mistake == nil) != (err == nil):
				t.Errorf("helm says %v, and the server %v", err, mistake)
			case !strings.Contains(err.Error(), "at '/policy/knownFields/0'"):
				t.Errorf("helm says %v", err)
			}
		})
	}
}

// TestTrustedWriters expects other trusted writers in the policy and in the match conditions of each webhook.
func TestTrustedWriters(t *testing.T) {
	for name, usernames := range map[string][]string{
		"one":     {"system:serviceaccount:cni:whereabouts"},
		"several": {"system:serviceaccount:cni:whereabouts", `user "with" spaces`, "{{ .Release.Name }}"},
	} {
		suite.rows.Run(t, name, func(t *testing.T) {
			all := render(t, fmt.Sprintf("trustedWriters: {usernames: %s}", asJSON(t, usernames)))
			if diff := cmp.Diff(usernames, policyOf(t, all).TrustedWriters.Usernames); diff != "" {
				t.Errorf("usernames of the policy (-want +got):\n%s", diff)
			}
			conditions := writerConditions(t, all)
			if len(conditions) != 3 {
				t.Errorf("%d conditions about the writer, want one for each of three webhooks", len(conditions))
			}
			for webhook, expression := range conditions {
				var got []string
				for _, match := range regexp.MustCompile(`'([^']+)'`).FindAllStringSubmatch(expression, -1) {
					got = append(got, match[1])
				}
				if diff := cmp.Diff(usernames, got); diff != "" {
					t.Errorf("usernames of %s (-want +got):\n%s", webhook, diff)
				}
			}
		})
	}
}

// writerConditions returns the expressions about the writer by webhook.
func writerConditions(t *testing.T, all objects) map[string]string {
	t.Helper()
	found := map[string]string{}
	add := func(webhook string, conditions []admissionv1.MatchCondition) {
		for _, condition := range conditions {
			if strings.Contains(condition.Expression, "request.userInfo") {
				found[webhook] = condition.Expression
			}
		}
	}
	validating, mutating := configurations(t, all)
	for _, webhook := range validating.Webhooks {
		add(webhook.Name, webhook.MatchConditions)
	}
	for _, webhook := range mutating.Webhooks {
		add(webhook.Name, webhook.MatchConditions)
	}
	return found
}

func configurations(t *testing.T, all objects) (validating admissionv1.ValidatingWebhookConfiguration, mutating admissionv1.MutatingWebhookConfiguration) {
	t.Helper()
	all.get(t, "ValidatingWebhookConfiguration ippool-webhook", &validating)
	all.get(t, "MutatingWebhookConfiguration ippool-webhook", &mutating)
	return validating, mutating
}

// TestPolicyRollsPods expects another policy to change the annotation that rolls the pods, and nothing else of them.
func TestPolicyRollsPods(t *testing.T) {
	suite.rows.Run(t, "checksum", func(t *testing.T) {
		var before, again, after appsv1.Deployment
		render(t, "").get(t, "Deployment ippool-webhook", &before)
		render(t, "podLabels: {}").get(t, "Deployment ippool-webhook", &again)
		render(t, "policy: {fieldValidation: Warn}").get(t, "Deployment ippool-webhook", &after)
		const checksum = "checksum/policy"
		sums := []string{before.Spec.Template.Annotations[checksum], again.Spec.Template.Annotations[checksum], after.Spec.Template.Annotations[checksum]}
		if sums[0] == "" || sums[0] != sums[1] || sums[0] == sums[2] {
			t.Errorf("checksums %q, want two that are the same and another", sums)
		}
		ignored := cmpopts.IgnoreMapEntries(func(key, _ string) bool { return key == checksum })
		if diff := cmp.Diff(before, after, ignored); diff != "" {
			t.Errorf("Deployment (-before +after):\n%s", diff)
		}
	})
}
