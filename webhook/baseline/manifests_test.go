package baseline_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	"sigs.k8s.io/yaml"

	"ippool-webhook/manifests"
	"ippool-webhook/webhook/baseline"
	"ippool-webhook/webhook/rules"
)

// TestManifestsAreCurrent compares the policies of the component and of the chart with the rules. UPDATE_GOLDEN=1 rewrites them.
func TestManifestsAreCurrent(t *testing.T) {
	b := baseline.New()
	conditions := userConditions(t)
	compareManifest(t, "components/cel-baseline/policies.yaml",
		b.Policy(rules.Deny, conditions), b.Binding(rules.Deny), b.Policy(rules.Warn, conditions), b.Binding(rules.Warn))
	compareManifest(t, "chart/cel/baseline.yaml", b)
}

// userConditions returns the match conditions of the webhook for users, without comments.
func userConditions(t *testing.T) []admissionv1.MatchCondition {
	t.Helper()
	text, err := manifests.Files.ReadFile("base/validating-webhook.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var configuration admissionv1.ValidatingWebhookConfiguration
	if err := yaml.UnmarshalStrict(text, &configuration); err != nil {
		t.Fatal(err)
	}
	return configuration.Webhooks[0].MatchConditions
}

func compareManifest(t *testing.T, path string, objects ...any) {
	t.Helper()
	documents := make([]string, 0, len(objects))
	for _, object := range objects {
		text, err := yaml.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, string(text))
	}
	want := []byte("# Generated from the rules in webhook/rules by `make generate`.\n" + strings.Join(documents, "---\n"))
	path = "../../manifests/" + path
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%s is out of date (-want +got):\n%s\nto update it, run make generate", path, cmp.Diff(string(want), string(got)))
	}
}
