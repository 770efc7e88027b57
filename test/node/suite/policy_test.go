package suite

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"ippool-webhook/test/load"
)

// changePolicy changes the Policy as the document says. The chart then replaces the pods, because serve reads the Policy at its start.
func changePolicy(t *testing.T, _ *load.Load) {
	small := pool("small", "10.0.0.0/32")
	if out, err := kubectlWith(t.Context(), small, "create", "--dry-run=server", "-f", "-"); err != nil {
		t.Errorf("the default Policy only warns about a small range: %v\n%s", err, out)
	}
	withHelm("policy.rules.range-too-small.action=Deny").install(t, "info")
	awaitRollout(t)
	// The previous replicas answer, with the previous Policy, until they have drained.
	await(t.Context(), t, "a denial by the changed Policy", func(ctx context.Context) error {
		out, err := kubectlWith(ctx, small, "create", "--dry-run=server", "-f", "-")
		if err == nil || !strings.Contains(out, "(rule range-too-small)") {
			return fmt.Errorf("the answer is: %s", out)
		}
		return nil
	})
}
