package conformance

import (
	"path/filepath"
	"testing"

	"ippool-webhook/test/golden"
)

// TestKubectl compares the output of kubectl. UPDATE_GOLDEN=1 rewrites it.
func TestKubectl(t *testing.T) {
	kubectl, ok := suite.Kubectl()
	if !ok {
		t.Log("the control plane has no kubectl")
		return
	}
	for _, c := range []struct {
		name   string
		before []string
		args   []string
	}{
		{"apply-warned", nil, []string{"apply", "--server-side", "-f", "testdata/kubectl/warned.yaml"}},
		{"patch-denied", []string{pool(inUse)}, []string{"patch", "ippool", poolName, "--type", "merge", "--patch",
			`{"spec": {"allocations": {"1": {"podref": "default/web-1"}, "300": {"id": "0f02", "podref": "web-2"}}}}`}},
		{"create-strict", nil, []string{"create", "--validate=strict", "-f", "testdata/kubectl/strict.yaml"}},
	} {
		suite.rows.Run(t, c.name, func(t *testing.T) {
			s := newScene(t, c.before...)
			out, err := suite.jane.RunKubectl(t.Context(), kubectl, append(c.args, "--namespace", s.fill.Replace("{namespace}"))...)
			if err != nil {
				t.Fatal(err)
			}
			golden.Compare(t, filepath.Join("testdata", "kubectl", c.name+".txt"), out)
		})
	}
}
