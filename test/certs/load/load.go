// Package load writes pools without a pause, as people and as Whereabouts, and counts what of it goes wrong.
package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"ippool-webhook/test/environment"
)

// maxFailures bounds how many failures are kept; all are counted.
const maxFailures = 5

// Load is writers at work, and connections opened beside them. All of them go on until Stop.
type Load struct {
	admissions, denied, handshakes, failed atomic.Int64

	cancel context.CancelFunc
	work   sync.WaitGroup

	mu       sync.Mutex
	failures []error
}

// Start sets writers to work, each on pools of its own, and opens connections as the API server would. Both go on until Stop,
// whatever becomes of ctx.
func Start(ctx context.Context, writers []Writer, connections *Connections) (*Load, error) {
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	l := &Load{cancel: cancel}
	for i, w := range writers {
		c, err := newClient(w, i, l)
		if err != nil {
			cancel()
			return nil, err
		}
		l.work.Go(func() { c.write(running) })
	}
	l.work.Go(func() { connections.open(running, l) })
	return l, nil
}

// AwaitMore awaits this many admissions and one round of connections more than there are now.
func (l *Load) AwaitMore(ctx context.Context, n int64) error {
	admissions, handshakes := l.admissions.Load()+n, l.handshakes.Load()
	return environment.Await(ctx, "the load", func(context.Context) error {
		if got := l.admissions.Load(); got < admissions {
			return fmt.Errorf("%d admissions, want %d; failures so far: %w", got, admissions, l.Failures())
		}
		if l.handshakes.Load() == handshakes {
			return fmt.Errorf("no connection could be opened; failures so far: %w", l.Failures())
		}
		return nil
	})
}

// AwaitFailure awaits that something has failed.
func (l *Load) AwaitFailure(ctx context.Context) error {
	return environment.Await(ctx, "a failure", func(context.Context) error {
		if l.failed.Load() == 0 {
			return errors.New("there is none")
		}
		return nil
	})
}

// Stop stops the load once every request has its answer.
func (l *Load) Stop() {
	l.cancel()
	l.work.Wait()
}

// Admissions returns how many writes were sent, Denied how many of them a rule has denied, as it should have.
func (l *Load) Admissions() int64 { return l.admissions.Load() }

// Denied returns how many writes a rule has denied, as it should have.
func (l *Load) Denied() int64 { return l.denied.Load() }

// Handshakes returns how many connections were opened and found to be trusted.
func (l *Load) Handshakes() int64 { return l.handshakes.Load() }

// Failed returns how many writes had another answer than they should have, and how many connections could not be opened.
func (l *Load) Failed() int64 { return l.failed.Load() }

// Failures returns the first of what Failed counts.
func (l *Load) Failures() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return errors.Join(l.failures...)
}

func (l *Load) fail(err error) {
	l.failed.Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.failures) < maxFailures {
		l.failures = append(l.failures, err)
	}
}
