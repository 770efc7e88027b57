package deploy

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"ippool-webhook/test/environment"
)

// definitions returns the paths of the released CRDs of IPPools, of cert-manager and of Prometheus Operator. It writes CRDs
// that are not files into dir.
func definitions(ctx context.Context, dir string) ([]string, error) {
	files, err := environment.FindFiles(ctx)
	if err != nil {
		return nil, err
	}
	certManager, err := environment.ModuleDir(ctx, "github.com/cert-manager/cert-manager")
	if err != nil {
		return nil, err
	}
	printed := exec.CommandContext(ctx, "go", "run", "-C", files.Path("test", "tools", "prometheus-operator"), ".")
	printed.Stderr = os.Stderr
	operator, err := printed.Output()
	if err != nil {
		return nil, fmt.Errorf("cannot print the definitions of Prometheus Operator: %w", err)
	}
	path := filepath.Join(dir, "prometheus-operator.yaml")
	return []string{files.Manifest("crd"), filepath.Join(certManager, "deploy", "crds"), path}, os.WriteFile(path, operator, 0o600)
}
