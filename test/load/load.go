// Package load writes pools without a pause, as users and as Whereabouts, and counts failures.
package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"ippool-webhook/test/environment"
)

// maxFailures is the maximum number of failures to keep. All failures are counted.
const maxFailures = 5

// Load has clients that write pools, and opens connections at the same time. Both continue until Stop.
type Load struct {
	admissions, denied, handshakes, failed atomic.Int64
	longest                                atomic.Int64 // in nanoseconds

	connecting bool
	cancel     context.CancelFunc
	work       sync.WaitGroup

	mu          sync.Mutex
	failures    []error
	first, last time.Time // of all failures
}

// Start starts clients with their own pools, and opens connections as the API server does, unless connections is nil. Both
// continue until Stop, even if ctx ends.
func Start(ctx context.Context, users []User, connections *Connections) (*Load, error) {
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	l := &Load{cancel: cancel, connecting: connections != nil}
	for i, u := range users {
		c, err := newClient(u, i, l)
		if err != nil {
			cancel()
			return nil, err
		}
		l.work.Go(func() { c.write(running) })
	}
	if connections != nil {
		l.work.Go(func() { connections.open(running, l) })
	}
	return l, nil
}

// AwaitMore awaits this number of further admissions and, if connections are opened, one further round of them.
func (l *Load) AwaitMore(ctx context.Context, n int64) error {
	admissions, handshakes := l.admissions.Load()+n, l.handshakes.Load()
	return environment.Await(ctx, "the load", func(context.Context) error {
		if got := l.admissions.Load(); got < admissions {
			return fmt.Errorf("%d of %d admissions; failures so far: %w", got, admissions, l.Failures())
		}
		if l.connecting && l.handshakes.Load() == handshakes {
			return fmt.Errorf("no new connection was opened; failures so far: %w", l.Failures())
		}
		return nil
	})
}

// AwaitFailure awaits the first failure.
func (l *Load) AwaitFailure(ctx context.Context) error {
	return environment.Await(ctx, "a failure", func(context.Context) error {
		if l.failed.Load() == 0 {
			return errors.New("there is no failure")
		}
		return nil
	})
}

// Stop stops the load, and returns once every request has its answer.
func (l *Load) Stop() {
	l.cancel()
	l.work.Wait()
}

// Admissions returns the number of requests.
func (l *Load) Admissions() int64 { return l.admissions.Load() }

// Longest returns the duration of the longest request.
func (l *Load) Longest() time.Duration { return time.Duration(l.longest.Load()) }

// Denied returns the number of requests that a rule has denied as expected.
func (l *Load) Denied() int64 { return l.denied.Load() }

// Handshakes returns the number of connections that were opened and verified.
func (l *Load) Handshakes() int64 { return l.handshakes.Load() }

// Failed returns the number of requests with an unexpected answer and of connections that could not be opened.
func (l *Load) Failed() int64 { return l.failed.Load() }

// Failures returns the first failures that Failed counts.
func (l *Load) Failures() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return errors.Join(l.failures...)
}

// Outage returns the time from the first failure to the last one.
func (l *Load) Outage() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last.Sub(l.first)
}

// answered counts a request.
func (l *Load) answered(took time.Duration) {
	l.admissions.Add(1)
	for longest := l.longest.Load(); int64(took) > longest; longest = l.longest.Load() {
		l.longest.CompareAndSwap(longest, int64(took))
	}
}

func (l *Load) fail(err error) {
	l.failed.Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = time.Now()
	if l.first.IsZero() {
		l.first = l.last
	}
	if len(l.failures) < maxFailures {
		l.failures = append(l.failures, err)
	}
}
