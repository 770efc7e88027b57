package deploy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// helm runs helm and returns its output. The error has the messages of helm.
func helm(ctx context.Context, args ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, suite.Path("test", "tools", "bin", "helm"), args...)
	command.Env = helmEnv()
	var messages bytes.Buffer
	command.Stderr = &messages
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("helm %s: %w\n%s", args[0], err, &messages)
	}
	return out, nil
}

// helmEnv returns the environment of helm and kubectl as a user with all permissions.
func helmEnv() []string {
	home := filepath.Join(suite.Dir(), "helm")
	return append(os.Environ(), "HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home, "KUBECONFIG="+suite.jane.Kubeconfig)
}

func chart() string { return suite.Manifest("chart") }

// values writes a file of values. Its path has no comma, because helm splits the flag at commas.
func values(t *testing.T, text string) string {
	t.Helper()
	file, err := os.CreateTemp(suite.Dir(), "values-*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(file.Name(), []byte(text), 0o600), file.Close()); err != nil {
		t.Fatal(err)
	}
	return file.Name()
}

// valueFlags returns the flags of helm for values, with the image of the overlays, because the chart has no default image.
func valueFlags(t *testing.T, text string) []string {
	t.Helper()
	return []string{"--values", values(t, "image: {repository: ippool-webhook}"), "--values", values(t, text)}
}

// render returns the objects that the chart renders with values. Further arguments are arguments of helm.
func render(t *testing.T, text string, args ...string) objects {
	t.Helper()
	return renderChart(t, chart(), text, args...)
}

// renderChart returns the objects that the chart at a path renders.
func renderChart(t *testing.T, path, text string, args ...string) objects {
	t.Helper()
	out, err := helm(t.Context(), slices.Concat([]string{"template", name, path, "--namespace", name}, valueFlags(t, text), args)...)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, out)
}
