package deploy

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestRunbook expects a section of the runbook for each alert. The alert has its URL.
func TestRunbook(t *testing.T) {
	text, err := os.ReadFile(suite.Path("docs", "runbook.md"))
	if err != nil {
		t.Fatal(err)
	}
	var anchors []string
	for line := range strings.Lines(string(text)) {
		if heading, found := strings.CutPrefix(line, "## "); found {
			anchors = append(anchors, "docs/runbook.md#"+strings.ToLower(strings.TrimSpace(heading)))
		}
	}
	for _, rule := range alertingRules(t, build(t, "observability")) {
		suite.rows.Run(t, rule.Alert, func(t *testing.T) {
			expect(t, "runbook_url", "docs/runbook.md#"+strings.ToLower(rule.Alert), rule.Annotations["runbook_url"])
			if url := rule.Annotations["runbook_url"]; !slices.Contains(anchors, url) {
				t.Errorf("the runbook has no section %s; it has %q", url, anchors)
			}
		})
	}
}
