package deploy

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ippool-webhook/test/markdown"
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

// parentChart returns the path of a chart that depends on the chart, as the README describes, with the dependency in its folder.
func parentChart(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	blocks, err := markdown.Blocks(suite.Manifest("chart", "README.md"), "As a dependency of another chart", "yaml")
	if err != nil {
		t.Fatal(err)
	}
	dependencies := strings.ReplaceAll(blocks[0], "file://../ippool-webhook/manifests/chart", "file://"+chart())
	writeFile(t, filepath.Join(dir, "Chart.yaml"), "apiVersion: v2\nname: platform\nversion: 1.0.0\n"+dependencies)
	run(t, "dependency", "update", dir)
	return dir
}
