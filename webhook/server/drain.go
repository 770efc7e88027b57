package server

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

// maxDrain bounds the time for which the server waits until all clients have connected to another replica.
const maxDrain = 20 * time.Second

// drain takes the server out of service without losing a request: it reports not ready, closes each connection after its next
// response, and serves until no request has arrived for a quiet period.
type drain struct {
	quiet    time.Duration
	draining atomic.Bool
	last     atomic.Int64 // time of the last request or response, in nanoseconds of the Unix epoch
}

// watch records the time of every request to next. Clients such as the API server find a ready replica only when they connect. They would use
// a connection that is kept open until the server closes it during a request.
func (d *drain) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.note()
		defer d.note()
		if d.draining.Load() {
			w.Header().Set("Connection", "close") // HTTP/2 has no such header; the server of Go then closes the connection too
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

// until returns a context that ends when ctx has ended and the server is drained.
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
