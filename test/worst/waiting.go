package main

import (
	"context"
	"net/http"
	"sync"
	"time"

	"ippool-webhook/test/worst/bodies"
)

// waits has the longest wait of small reviews for their responses.
type waits struct {
	longest time.Duration
	failed  int // reviews with a status other than 200, or without a response
}

func (w *waits) add(other waits) {
	w.longest = max(w.longest, other.longest)
	w.failed += other.failed
}

// smallInterval is the time between a response and the next small review. It is long enough that small reviews take little
// of the CPU.
const smallInterval = 5 * time.Millisecond

// sendSmall sends small healthy reviews, one after the other, until finish is called. finish returns their waits.
func sendSmall(ctx context.Context, c *client) (finish func() waits) {
	var seen waits
	var running sync.WaitGroup
	done := make(chan struct{})
	small := bodies.Small()
	running.Go(func() {
		for {
			start := time.Now()
			status, err := c.status(ctx, validatePath, small, false)
			seen.longest = max(seen.longest, time.Since(start))
			if err != nil || status != http.StatusOK {
				seen.failed++
			}
			select {
			case <-done:
				return
			case <-ctx.Done():
				return
			case <-time.After(smallInterval):
			}
		}
	})
	return func() waits {
		close(done)
		running.Wait()
		return seen
	}
}
