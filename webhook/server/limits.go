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
	// maxSmallBodies and maxLargeBodies bound the bodies in memory at a time, in bytes: 64 of the largest small ones, and 16 of
	// the largest ones.
	maxSmallBodies = 64 * smallBody
	maxLargeBodies = 16 * maxBody
	// maxSmallWorkspaces and maxLargeWorkspaces bound how many bodies are evaluated at a time, on however many cores: the most
	// hostile one takes ten times its size.
	maxSmallWorkspaces = 16
	maxLargeWorkspaces = 2
	// maxWait bounds how long a body waits for its place in memory.
	maxWait = time.Second
)

// limits bounds the memory that requests take together, whatever their path. Small bodies have places of their own, so
// that they never wait for large ones.
type limits struct {
	small, large *lane
}

// lane bounds the memory that bodies of one class take.
type lane struct {
	bodies *semaphore.Weighted // bytes of bodies in memory
	// workspaces holds those that are free: more at a time than there are cores would only take more memory.
	workspaces chan *workspace
}

func newLimits() *limits {
	cores := runtime.GOMAXPROCS(0)
	return &limits{
		small: newLane(maxSmallBodies, min(cores, maxSmallWorkspaces)),
		large: newLane(maxLargeBodies, min(cores, maxLargeWorkspaces)),
	}
}

func newLane(maxBytes int64, workspaces int) *lane {
	l := &lane{bodies: semaphore.NewWeighted(maxBytes), workspaces: make(chan *workspace, workspaces)}
	for range workspaces {
		l.workspaces <- &workspace{}
	}
	return l
}

// laneOf returns the lane of a request, and how many bytes its body takes at the most. A body whose length the client does
// not tell can be large.
func (l *limits) laneOf(r *http.Request) (*lane, int64) {
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

// place is the room in memory that one body has.
type place struct {
	lane *lane
	size int64
}

// grow waits for a while until there is room for a body of size bytes in all.
func (p *place) grow(ctx context.Context, size int64) bool {
	if more := size - p.size; more > 0 && !p.lane.bodies.TryAcquire(more) {
		ctx, cancel := context.WithTimeout(ctx, maxWait)
		defer cancel()
		if p.lane.bodies.Acquire(ctx, more) != nil {
			return false
		}
	}
	p.size = max(p.size, size)
	return true
}

func (p *place) leave() { p.lane.bodies.Release(p.size) }

// readBody reads the body of r, which takes at most size bytes, into buf. A body is given room step by step, so that a
// client takes no more of it than it has begun to fill.
func (p *place) readBody(ctx context.Context, w http.ResponseWriter, r *http.Request, buf *bytes.Buffer, size int64) *refusal {
	body := http.MaxBytesReader(w, r.Body, maxBody)
	buf.Reset()
	part := io.LimitedReader{R: body}
	for _, step := range [...]int64{4 << 10, 64 << 10, size} {
		step = min(step, size)
		if !p.grow(ctx, step) {
			return overloaded()
		}
		if r.ContentLength > 0 {
			buf.Grow(int(step) - buf.Len() + bytes.MinRead) // ReadFrom wants room to see the end
		}
		part.N = step - int64(buf.Len())
		if step == size {
			part.N = maxBody + 1 // which the body ends before
		}
		if _, err := buf.ReadFrom(&part); err != nil {
			return bodyError(err)
		}
		if step == size {
			break
		}
	}
	return nil
}
