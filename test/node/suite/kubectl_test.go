package suite

import (
	"context"
	"os/exec"
	"strings"
	"testing"
)

// kubectlWith runs kubectl as a cluster administrator, and returns all that it prints.
func kubectlWith(ctx context.Context, input string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "kubectl", args...)
	command.Stdin = strings.NewReader(input)
	out, err := command.CombinedOutput()
	return string(out), err
}

// kubectl runs kubectl, which must succeed, and returns what it prints.
func kubectl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := kubectlWith(t.Context(), "", args...)
	if err != nil {
		t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(out)
}
