package deploy

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestStandalone checks that the chart needs no file outside its folder: a copy and a package render the same objects.
func TestStandalone(t *testing.T) {
	for _, row := range []struct {
		name string
		path func(*testing.T) string
	}{
		{"copy of the folder", copyChart},
		{"package", packageChart},
	} {
		suite.rows.Run(t, row.name, func(t *testing.T) {
			if diff := cmp.Diff(render(t, monitoring), renderChart(t, row.path(t), monitoring)); diff != "" {
				t.Errorf("objects (-repository +%s):\n%s", row.name, diff)
			}
		})
	}
}

// copyChart returns the path of a copy of the chart. A symbolic link to another folder is broken in the copy.
func copyChart(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "chart")
	if err := os.CopyFS(path, os.DirFS(chart())); err != nil {
		t.Fatal(err)
	}
	return path
}

func packageChart(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	run(t, "package", chart(), "--destination", dir)
	packages, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(packages) != 1 {
		t.Fatalf("helm has written the packages %q, %v, want one", packages, err)
	}
	return packages[0]
}
