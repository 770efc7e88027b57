package environment

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
)

// RunKubectl runs kubectl as a user. It returns the output, with the exit code at the end.
func (u *User) RunKubectl(ctx context.Context, kubectl string, args ...string) ([]byte, error) {
	args = append(args, "--kubeconfig", u.Kubeconfig, "--cache-dir", filepath.Join(filepath.Dir(u.Kubeconfig), "cache"))
	command := exec.CommandContext(ctx, kubectl, args...) //nolint:gosec // a test says what to run
	out, err := command.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return nil, err
	}
	return fmt.Appendf(out, "(exit code %d)\n", command.ProcessState.ExitCode()), nil
}
