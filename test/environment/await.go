package environment

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

const (
	pollInterval = 20 * time.Millisecond
	// patience bounds every wait. Only a failure takes this long: a successful wait ends within a second or two.
	patience = time.Minute
)

// Await calls check until it returns nil. Its error has what was awaited, and the last error of check.
func Await(ctx context.Context, what string, check func(context.Context) error) error {
	last := check(ctx)
	err := wait.PollUntilContextTimeout(ctx, pollInterval, patience, false, func(ctx context.Context) (bool, error) {
		if last != nil {
			last = check(ctx)
		}
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("awaiting %s: %w; last: %w", what, err, last)
	}
	return nil
}
