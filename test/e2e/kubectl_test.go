package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestKubectl compares all that kubectl prints. UPDATE_GOLDEN=1 rewrites it.
func TestKubectl(t *testing.T) {
	kubectl, ok := suite.Kubectl()
	if !ok {
		t.Log("the control plane has no kubectl")
		return
	}
	for _, name := range []string{"good", "warned", "denied", "denied-unknown-field"} {
		t.Run(name, func(t *testing.T) {
			manifest := filepath.Join("testdata", "kubectl", name+".yaml")
			command := exec.CommandContext(t.Context(), kubectl, "apply", "-f", manifest,
				"--kubeconfig", suite.jane.Kubeconfig, "--cache-dir", t.TempDir(), "--namespace", newScene(t).jane.namespace)
			out, err := command.CombinedOutput()
			if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			out = fmt.Appendf(out, "(exit code %d)\n", command.ProcessState.ExitCode())
			golden(t, filepath.Join("testdata", "kubectl", name+".txt"), out)
		})
	}
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; UPDATE_GOLDEN=1 writes it", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("output (-want +got):\n%s\nUPDATE_GOLDEN=1 rewrites it", diff)
	}
}
