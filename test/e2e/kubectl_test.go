package e2e

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
	for _, name := range []string{"good", "warned", "denied", "denied-unknown-field", "denied-wrong-type"} {
		t.Run(name, func(t *testing.T) {
			manifest := filepath.Join("testdata", "kubectl", name+".yaml")
			out, err := suite.jane.RunKubectl(t.Context(), kubectl, "apply", "-f", manifest, "--namespace", newScene(t).jane.namespace)
			if err != nil {
				t.Fatal(err)
			}
			golden.Compare(t, filepath.Join("testdata", "kubectl", name+".txt"), out)
		})
	}
}
