// Package tally counts the rows of a suite for its last line.
package tally

import (
	"fmt"
	"sync/atomic"
	"testing"
)

// Tally counts rows. Its zero value is ready.
type Tally struct{ passed, failed atomic.Int64 }

// Run runs a row as a subtest and counts it. A skipped row does not count as passed.
func (tally *Tally) Run(t *testing.T, name string, row func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Cleanup(func() {
			if t.Failed() || t.Skipped() {
				tally.failed.Add(1)
			} else {
				tally.passed.Add(1)
			}
		})
		row(t)
	})
}

// String returns the counts, for example "12 passed, 0 failed".
func (tally *Tally) String() string {
	return fmt.Sprintf("%d passed, %d failed", tally.passed.Load(), tally.failed.Load())
}
