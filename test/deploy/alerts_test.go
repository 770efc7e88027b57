package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// alertingRule is a rule of a PrometheusRule.
type alertingRule struct {
	Alert       string            `json:"alert"`
	Expr        string            `json:"expr"`
	For         string            `json:"for,omitempty"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// prometheusRule has the fields of a PrometheusRule that the tests need.
type prometheusRule struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   any    `json:"metadata"`
	Spec       struct {
		Groups []struct {
			Name  string         `json:"name"`
			Rules []alertingRule `json:"rules"`
		} `json:"groups"`
	} `json:"spec"`
}

// TestAlerts checks the alerts with promtool, and tests them with the series in the folder alerts.
func TestAlerts(t *testing.T) {
	rules := ruleFile(t)
	suite.rows.Run(t, "check", func(t *testing.T) { promtool(t, "check", "rules", "--lint=all", "--lint-fatal", rules) })
	files, err := filepath.Glob("alerts/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		suite.rows.Run(t, filepath.Base(file), func(t *testing.T) { promtool(t, "test", "rules", beside(t, rules, file)) })
	}
	suite.rows.Run(t, "each alert has a test in which it fires and one in which it does not", func(t *testing.T) { expectTested(t, files) })
}

// ruleFile writes the groups of the PrometheusRule as a file for Prometheus.
func ruleFile(t *testing.T) string {
	t.Helper()
	groups, found, err := unstructured.NestedMap(build(t, "observability")["PrometheusRule ippool-webhook"].Object, "spec")
	if err != nil || !found {
		t.Fatalf("the PrometheusRule has no spec: %v", err)
	}
	return writeFile(t, filepath.Join(t.TempDir(), "rules.yaml"), asJSON(t, groups))
}

// beside copies a file to the folder of the rules, because it refers to them by a relative path.
func beside(t *testing.T, rules, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return writeFile(t, filepath.Join(filepath.Dir(rules), filepath.Base(file)), string(text))
}

func writeFile(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// promtool runs promtool. It must succeed.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), suite.Path("test", "tools", "bin", "promtool"), args...).CombinedOutput()
	if err != nil {
		t.Errorf("promtool %q: %v\n%s", args, err, out)
	}
}

// expectTested expects two tests for each alert: one in which it fires, and one in which it does not.
func expectTested(t *testing.T, files []string) {
	fires, silent := map[string]bool{}, map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var content struct {
			Tests []struct {
				AlertRuleTest []struct {
					Alertname string `json:"alertname"`
					ExpAlerts []any  `json:"exp_alerts"`
				} `json:"alert_rule_test"`
			} `json:"tests"`
		}
		if err := yaml.Unmarshal(text, &content); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, test := range content.Tests {
			for _, alert := range test.AlertRuleTest {
				fires[alert.Alertname] = fires[alert.Alertname] || len(alert.ExpAlerts) > 0
				silent[alert.Alertname] = silent[alert.Alertname] || len(alert.ExpAlerts) == 0
			}
		}
	}
	for _, rule := range alertingRules(t, build(t, "observability")) {
		if !fires[rule.Alert] || !silent[rule.Alert] {
			t.Errorf("%s: a test in which it fires: %t, a test in which it does not: %t, want both", rule.Alert, fires[rule.Alert], silent[rule.Alert])
		}
	}
}

// alertingRules returns the alerts of the PrometheusRule.
func alertingRules(t *testing.T, all objects) []alertingRule {
	t.Helper()
	var rule prometheusRule
	all.get(t, "PrometheusRule ippool-webhook", &rule)
	var alerts []alertingRule
	for _, group := range rule.Spec.Groups {
		alerts = append(alerts, group.Rules...)
	}
	return alerts
}
