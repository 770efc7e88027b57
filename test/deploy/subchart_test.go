package deploy

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSubchart renders a parent chart that depends on the chart.
func TestSubchart(t *testing.T) {
	parent := parentChart(t)
	for _, row := range []struct {
		name, values string
		want         objects
	}{
		{"defaults of the condition", "ippool-webhook: {image: {repository: r}}", render(t, "image: {repository: r}")},
		{"enabled", "ippool-webhook: {enabled: true, image: {repository: r}, replicas: 3}", render(t, "{image: {repository: r}, replicas: 3}")},
		{"disabled", "ippool-webhook: {enabled: false}", objects{}},
		{"global values", "{global: {imageRegistry: a, nested: {list: [1]}}, ippool-webhook: {image: {repository: r}}}", render(t, "image: {repository: r}")},
		{"global values of the subchart", "ippool-webhook: {global: {a: 1}, image: {repository: r}}", render(t, "image: {repository: r}")},
		{"monitoring", "ippool-webhook: {image: {repository: r}, " + monitoring + "}", render(t, "{image: {repository: r}, "+monitoring+"}")},
	} {
		suite.rows.Run(t, row.name, func(t *testing.T) {
			out, err := helm(t.Context(), "template", name, parent, "--namespace", name, "--values", values(t, row.values))
			if err != nil {
				t.Fatal(err)
			}
			got := parse(t, out)
			if diff := cmp.Diff(slices.Sorted(maps.Keys(row.want)), slices.Sorted(maps.Keys(got))); diff != "" {
				t.Fatalf("objects (-chart +subchart):\n%s", diff)
			}
			for key := range row.want {
				if diff := cmp.Diff(row.want[key].Object, got[key].Object); diff != "" {
					t.Errorf("%s (-chart +subchart):\n%s", key, diff)
				}
			}
		})
	}
}

// parentChart returns the path of a chart that depends on the chart, with the dependency in its folder.
func parentChart(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	text := `{apiVersion: v2, name: platform, version: 1.0.0, dependencies: [
  {name: ippool-webhook, version: ">= 0.0.0-0", repository: "file://` + chart() + `", condition: ippool-webhook.enabled}]}`
	err := errors.Join(
		os.WriteFile(filepath.Join(dir, "Chart.yaml"), []byte(text), 0o600),
		os.WriteFile(filepath.Join(dir, "values.yaml"), []byte("global: {}\n"), 0o600),
	)
	if err != nil {
		t.Fatal(err)
	}
	run(t, "dependency", "update", dir)
	return dir
}
