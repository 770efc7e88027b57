package server

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

// maxDrain is the maximum time for which the server waits until all clients have connected to another replica.
const maxDrain = 20 * time.Second

// drain shuts the server down without failing a request. It reports not ready, closes each connection after its next response, and
// serves until no request has arrived for a quiet period.
type drain struct {
	quiet    time.Duration
	draining atomic.Bool
	last     atomic.Int64 // time of the last request or response, in nanoseconds of the Unix epoch
}

// watch records the time of each request, and closes connections while the server drains. Clients such as the API server choose a
// ready replica only when they connect. Without closing, they would use the connection until the server exits during a request.
func (d *drain) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.note()
		defer d.note()
		if d.draining.Load() {
			w.Header().Set("Connection", "close") // net/http also closes an HTTP/2 connection, and does not send the header
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

// until returns a context that ends after ctx has ended and the server has drained.
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
