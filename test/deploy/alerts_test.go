package deploy

import "testing"

// alertingRule is a rule of a PrometheusRule.
type alertingRule struct {
	Alert       string            `json:"alert"`
	Expr        string            `json:"expr"`
	For         string            `json:"for,omitempty"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// prometheusRule is what a PrometheusRule has of ours.
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
