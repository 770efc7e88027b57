package server

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"runtime"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// smallBody is the size up to which a body is small, in bytes. The review of an update of a pool with a thousand
	// allocations is.
	smallBody = 512 << 10
	// maxSmallWorkspaces and maxLargeWorkspaces bound how many bodies are evaluated at a time, on any number of cores: the most
	// hostile one takes ten times its size.
	maxSmallWorkspaces = 16
	maxLargeWorkspaces = 2
)

// Limits bound the time and the memory of requests.
type Limits struct {
	// ReadTimeout is the time from the header of a request to the end of its body, and WriteTimeout the time to write the
	// response.
	ReadTimeout, WriteTimeout time.Duration
	// DecideTimeout is the time for everything else.
	DecideTimeout time.Duration
	// WaitTimeout is the time that a body waits for its place in memory.
	WaitTimeout time.Duration
	// SmallBodies and LargeBodies are the total sizes of small and of large bodies in memory at a time, in bytes.
	SmallBodies, LargeBodies int64
}

// DefaultLimits returns the limits of serve. The API server gives a webhook at most 30 s; on a cluster's network a body takes
// milliseconds. The decision may take longer than the API server waits by default (timeoutSeconds of the shipped webhooks). In
// memory there is room for 64 of the largest small bodies and for 16 of the largest bodies.
func DefaultLimits() Limits {
	return Limits{
		ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second, DecideTimeout: 10 * time.Second, WaitTimeout: time.Second,
		SmallBodies: 64 * smallBody, LargeBodies: 16 * maxBody,
	}
}

// lanes bound the memory that requests take together, on all paths. Small bodies have places of their own, so that they never
// wait for large ones.
type lanes struct {
	small, large *lane
}

// lane bounds the memory that bodies of one class take.
type lane struct {
	bodies *semaphore.Weighted // bytes of bodies in memory
	wait   time.Duration       // for a place in memory
	// workspaces holds the free workspaces. More workspaces than cores would only take more memory.
	workspaces chan *workspace
}

func newLanes(l Limits) *lanes {
	cores := runtime.GOMAXPROCS(0)
	return &lanes{
		small: newLane(l.SmallBodies, l.WaitTimeout, min(cores, maxSmallWorkspaces)),
		large: newLane(l.LargeBodies, l.WaitTimeout, min(cores, maxLargeWorkspaces)),
	}
}

func newLane(maxBytes int64, wait time.Duration, workspaces int) *lane {
	l := &lane{bodies: semaphore.NewWeighted(maxBytes), wait: wait, workspaces: make(chan *workspace, workspaces)}
	for range workspaces {
		l.workspaces <- &workspace{}
	}
	return l
}

// laneOf returns the lane of a request, and the largest size of its body in bytes. A body of unknown length can be large.
func (l *lanes) laneOf(r *http.Request) (*lane, int64) {
	switch size := r.ContentLength; {
	case size < 0:
		return l.large, maxBody
	case size <= smallBody:
		return l.small, size
	default:
		return l.large, size
	}
}

// takeWorkspace waits for a workspace until ctx ends.
func (l *lane) takeWorkspace(ctx context.Context) (*workspace, error) {
	select {
	case w := <-l.workspaces:
		return w, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *lane) giveWorkspace(w *workspace) {
	if w.oversized() {
		w = &workspace{}
	}
	l.workspaces <- w
}

// place is the memory for one body.
type place struct {
	lane    *lane
	size    int64
	timeout time.Duration // within which the body must arrive
}

// grow waits until there is room for a body of size bytes in total, but not longer than the lane allows.
func (p *place) grow(ctx context.Context, size int64) bool {
	if more := size - p.size; more > 0 && !p.lane.bodies.TryAcquire(more) {
		ctx, cancel := context.WithTimeout(ctx, p.lane.wait)
		defer cancel()
		if p.lane.bodies.Acquire(ctx, more) != nil {
			return false
		}
	}
	p.size = max(p.size, size)
	return true
}

func (p *place) leave() { p.lane.bodies.Release(p.size) }

// readBody reads the body of r, of at most size bytes, into buf. A body gets room step by step, so that a client does not
// reserve much more room than it fills.
func (p *place) readBody(ctx context.Context, w http.ResponseWriter, r *http.Request, buf *bytes.Buffer, size int64) *httpError {
	body := http.MaxBytesReader(w, r.Body, maxBody)
	buf.Reset()
	part := io.LimitedReader{R: body}
	for _, step := range [...]int64{4 << 10, 64 << 10, size} {
		step = min(step, size)
		if !p.grow(ctx, step) {
			return overloaded()
		}
		if r.ContentLength > 0 {
			buf.Grow(int(step) - buf.Len() + bytes.MinRead) // ReadFrom needs room to find the end
		}
		part.N = step - int64(buf.Len())
		if step == size {
			part.N = maxBody + 1 // the body ends before this limit
		}
		if _, err := buf.ReadFrom(&part); err != nil {
			return bodyError(err, p.timeout)
		}
		if step == size {
			break
		}
	}
	return nil
}
