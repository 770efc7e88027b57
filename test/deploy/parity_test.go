package deploy

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/rules"
)

// TestParity compares the objects of the chart with those of the overlays, object by object.
func TestParity(t *testing.T) {
	for _, row := range []struct{ overlay, values string }{
		{"cert-manager", ""},
		{"self-managed", "certificates: {source: self-managed}"},
		{"observability", "monitoring: {serviceMonitor: {enabled: true}, prometheusRule: {enabled: true}, dashboard: {enabled: true}}"},
	} {
		suite.rows.Run(t, row.overlay, func(t *testing.T) {
			want, got := alike(t, build(t, row.overlay)), alike(t, render(t, row.values))
			if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
				t.Fatalf("objects (-overlay +chart):\n%s", diff)
			}
			for key := range want {
				if diff := cmp.Diff(want[key].Object, got[key].Object); diff != "" {
					t.Errorf("%s (-overlay +chart):\n%s", key, diff)
				}
			}
		})
	}
}

// TestComponents compares the webhooks of a component with those of the chart with the same values.
func TestComponents(t *testing.T) {
	for _, row := range []struct{ component, values string }{
		{"users-observe", "webhooks: {users: {mode: Observe}}"},
		{"whereabouts-observe", "webhooks: {whereabouts: {mode: Observe}}"},
		{"whereabouts-enforce", "webhooks: {whereabouts: {mode: Enforce}}"},
	} {
		suite.rows.Run(t, row.component+" as "+row.values, func(t *testing.T) {
			built, rendered := alike(t, buildWith(t, row.component)), alike(t, render(t, row.values))
			for _, key := range []string{"ValidatingWebhookConfiguration ippool-webhook", "MutatingWebhookConfiguration ippool-webhook"} {
				want, got := built[key], rendered[key]
				if (want == nil) != (got == nil) {
					t.Fatalf("%s: the component has %v, but the chart has %v", key, want, got)
				}
				if want == nil {
					continue
				}
				sortWebhooks(t, want)
				sortWebhooks(t, got)
				if diff := cmp.Diff(want.Object, got.Object); diff != "" {
					t.Errorf("%s (-component +chart):\n%s", key, diff)
				}
			}
		})
	}
}

// sortWebhooks sorts the webhooks of a configuration by name, because kustomize can add one at either end.
func sortWebhooks(t *testing.T, configuration *unstructured.Unstructured) {
	t.Helper()
	webhooks, _, err := unstructured.NestedSlice(configuration.Object, "webhooks")
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(webhooks, func(a, b any) int {
		return strings.Compare(fmt.Sprint(a.(map[string]any)["name"]), fmt.Sprint(b.(map[string]any)["name"])) //nolint:errcheck // webhooks are objects
	})
	if err := unstructured.SetNestedSlice(configuration.Object, webhooks, "webhooks"); err != nil {
		t.Fatal(err)
	}
}

// hashed is the name of the ConfigMap that kustomize generates. It depends on the content.
var hashed = regexp.MustCompile(`^(ippool-webhook-policy)-[0-9a-z]{10}$`)

// alike removes what can differ between a chart and an overlay.
func alike(t *testing.T, all objects) objects {
	t.Helper()
	kept := objects{}
	for _, object := range all {
		switch object.GetKind() {
		case "Namespace": // helm installs into an existing namespace
			continue
		case "ConfigMap":
			object.SetName(hashed.ReplaceAllString(object.GetName(), "$1"))
			parsePolicy(t, object)
		case "Deployment":
			restartAlike(t, object)
		}
		withoutHelm(object)
		kept[object.GetKind()+" "+object.GetName()] = object
	}
	return kept
}

// withoutHelm removes the labels that helm adds.
func withoutHelm(object *unstructured.Unstructured) {
	labels := object.GetLabels()
	for _, label := range []string{"app.kubernetes.io/instance", "app.kubernetes.io/managed-by", "helm.sh/chart"} {
		delete(labels, label)
	}
	object.SetLabels(labels)
}

// restartAlike removes the hash that replaces the pods after a change of the Policy. It is in the name of the ConfigMap, or in
// an annotation.
func restartAlike(t *testing.T, deployment *unstructured.Unstructured) {
	t.Helper()
	unstructured.RemoveNestedField(deployment.Object, "spec", "template", "metadata", "annotations", "checksum/policy")
	volumes, _, err := unstructured.NestedSlice(deployment.Object, "spec", "template", "spec", "volumes")
	if err != nil {
		t.Fatal(err)
	}
	for _, volume := range volumes {
		volume, _ := volume.(map[string]any)
		if of, found, _ := unstructured.NestedString(volume, "configMap", "name"); found {
			if err := unstructured.SetNestedField(volume, hashed.ReplaceAllString(of, "$1"), "configMap", "name"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := unstructured.SetNestedSlice(deployment.Object, volumes, "spec", "template", "spec", "volumes"); err != nil {
		t.Fatal(err)
	}
}

// parsePolicy replaces the text of a Policy with the effective Policy, because texts can differ in comments and defaults.
func parsePolicy(t *testing.T, configMap *unstructured.Unstructured) {
	t.Helper()
	text, found, err := unstructured.NestedString(configMap.Object, "data", "policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if found {
		configMap.Object["data"] = effective(t, text)
	}
}

// effectivePolicy is a Policy with its defaults.
type effectivePolicy struct {
	Actions         map[string]string
	Scope           rules.PodRefScope
	FieldValidation policy.FieldValidation
	KnownFields     []string // nil without known fields
}

func effective(t *testing.T, text string) effectivePolicy {
	t.Helper()
	p, err := policy.Parse([]byte(text))
	if err != nil {
		t.Fatalf("the server rejects the policy: %v\n%s", err, text)
	}
	m := effectivePolicy{map[string]string{}, p.RuleOptions().PodRefDuplicateScope, p.FieldValidation, append([]string(nil), p.KnownFields...)}
	for _, rule := range rules.All(p.RuleOptions()) {
		m.Actions[rule.ID] = p.ActionOf(rule).String()
	}
	return m
}
