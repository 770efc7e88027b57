package server

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

// maxDrain bounds how long the server waits for the last client to find another replica.
const maxDrain = 20 * time.Second

// drain lets the server be taken out of service without a request getting lost: once stopped, it reports itself not
// ready, ends connections with the answers on them, and goes on serving until no request has come for a while.
type drain struct {
	quiet    time.Duration
	draining atomic.Bool
	last     atomic.Int64 // when the last request came or was answered, in nanoseconds of the Unix epoch
}

// watch notes every request to next. Clients that find other replicas by their readiness, the API server among them, do so
// only when they connect: a connection that is kept would be used until the server closes it under a request.
func (d *drain) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.note()
		defer d.note()
		if d.draining.Load() {
			w.Header().Set("Connection", "close") // HTTP/2 has no such header; Go's server then ends the connection likewise
		}
		next.ServeHTTP(w, r)
	})
}

func (d *drain) note() { d.last.Store(time.Now().UnixNano()) }

// check is a readiness check that fails while draining.
func (d *drain) check(*http.Request) error {
	if d.draining.Load() {
		return errors.New("draining")
	}
	return nil
}

// until returns a context that ends once ctx has ended and the server is drained.
func (d *drain) until(ctx context.Context) context.Context {
	drained, cancel := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		defer cancel()
		<-ctx.Done()
		d.draining.Store(true)
		d.note()
		d.waitForQuiet()
	}()
	return drained
}

func (d *drain) waitForQuiet() {
	deadline := time.Now().Add(maxDrain)
	for {
		quietAt := time.Unix(0, d.last.Load()).Add(d.quiet)
		if deadline.Before(quietAt) {
			quietAt = deadline
		}
		wait := time.Until(quietAt)
		if wait <= 0 {
			return
		}
		<-time.After(wait)
	}
}
