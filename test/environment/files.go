package environment

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	assetsVariable = "KUBEBUILDER_ASSETS"
	binaryVariable = "IPPOOL_WEBHOOK_BINARY"
)

// Files are the paths of the repository and of the programs of the control plane.
type Files struct {
	root   string // of the repository
	assets string // of the programs of the control plane
}

// FindFiles finds the repository from any module that depends on ippool-webhook, and the programs of the control plane.
func FindFiles(ctx context.Context) (*Files, error) {
	root, err := ModuleDir(ctx, "ippool-webhook")
	if err != nil {
		return nil, err
	}
	f := &Files{root: root, assets: os.Getenv(assetsVariable)}
	if f.assets == "" {
		f.assets = filepath.Join(f.root, "test", "controlplane", "bin")
	}
	return f, nil
}

// ModuleDir returns the folder of a module that the module of the working directory depends on.
func ModuleDir(ctx context.Context, path string) (string, error) {
	list := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", path) //nolint:gosec // path is our own
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		return "", fmt.Errorf("cannot find the module %s: %w", path, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// Path returns the path of a file of the repository.
func (f *Files) Path(elements ...string) string {
	return filepath.Join(append([]string{f.root}, elements...)...)
}

// Manifest returns the path of a file of the manifests.
func (f *Files) Manifest(elements ...string) string {
	return f.Path(append([]string{"manifests"}, elements...)...)
}

// Kubectl returns the path of kubectl, and false if the control plane has no kubectl.
func (f *Files) Kubectl() (string, bool) {
	path, err := f.program("kubectl")
	return path, err == nil
}

// program returns the path of a program of the control plane.
func (f *Files) program(name string) (string, error) {
	path := filepath.Join(f.assets, name)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("the control plane has no %s: %w; run `make control-plane`, or set %s to a folder that has it", name, err, assetsVariable)
	}
	return path, nil
}

// Binary returns the path of the program under test. It builds the program into dir unless the environment names one.
func (f *Files) Binary(ctx context.Context, dir string) (string, error) {
	if given := os.Getenv(binaryVariable); given != "" {
		return given, nil
	}
	path := filepath.Join(dir, "ippool-webhook")
	build := exec.CommandContext(ctx, "go", "build", "-o", path, "./cmd/ippool-webhook") //nolint:gosec // path is our own
	build.Dir = f.root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build ippool-webhook: %w\n%s", err, out)
	}
	return path, nil
}
