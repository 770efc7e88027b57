package deploy

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ippool-webhook/test/markdown"
)

// TestRunbook expects a section of the runbook for each alert. With the URL of the runbook, the alert has the URL of the section.
func TestRunbook(t *testing.T) {
	const url = "https://git.example/ippool-webhook/blob/v0.1.0/docs/runbook.md" // as in docs/install.md
	rendered := render(t, "monitoring: {prometheusRule: {enabled: true, runbookURL: '"+url+"'}}")
	anchors := runbookAnchors(t)
	for _, rule := range alertingRules(t, rendered) {
		suite.rows.Run(t, rule.Alert, func(t *testing.T) {
			got := rule.Annotations["runbook_url"]
			expect(t, "runbook_url", url+"#"+strings.ToLower(rule.Alert), got)
			if anchor := strings.TrimPrefix(got, url); !slices.Contains(anchors, anchor) {
				t.Errorf("the runbook has no section %s; it has %q", anchor, anchors)
			}
		})
	}
	suite.rows.Run(t, "component runbook-url", func(t *testing.T) {
		const key = "PrometheusRule ippool-webhook"
		want, got := alike(t, rendered)[key], alike(t, buildFrom(t, runbookKustomization(t)))[key]
		if diff := cmp.Diff(want.Object, got.Object); diff != "" {
			t.Errorf("alerts (-chart +component):\n%s", diff)
		}
	})
	suite.rows.Run(t, "without a URL", func(t *testing.T) {
		for _, rule := range alertingRules(t, render(t, monitoring)) {
			if got, ok := rule.Annotations["runbook_url"]; ok {
				t.Errorf("%s has runbook_url %q, want no such annotation", rule.Alert, got)
			}
		}
	})
}

// runbookAnchors returns the anchors of the sections of the runbook.
func runbookAnchors(t *testing.T) (anchors []string) {
	t.Helper()
	text, err := os.ReadFile(suite.Path("docs", "runbook.md"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if heading, found := strings.CutPrefix(line, "## "); found {
			anchors = append(anchors, "#"+strings.ToLower(strings.TrimSpace(heading)))
		}
	}
	return anchors
}

// runbookKustomization returns the files of docs/install.md for the overlay observability with the URL of the runbook.
func runbookKustomization(t *testing.T) map[string]string {
	t.Helper()
	blocks, err := markdown.Blocks(suite.Path("docs", "install.md"), "Monitoring", "yaml")
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"runbook.yaml":       blocks[2],
		"kustomization.yaml": blocks[3],
	}
}
