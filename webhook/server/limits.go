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
	// smallBody is the maximum size of a small body, in bytes. The review of an update of a pool with 1,000 allocations is a small
	// body.
	smallBody = 512 << 10
	// maxSmallWorkspaces and maxLargeWorkspaces are the maximum number of bodies that are evaluated at a time, on any number of
	// cores. The evaluation of the most hostile body takes ten times the memory of the body.
	maxSmallWorkspaces = 16
	maxLargeWorkspaces = 2
)

// Limits are the maximum time and memory of requests.
type Limits struct {
	// ReadTimeout is the maximum time from the header of a request to the end of its body. WriteTimeout is the maximum time to write
	// the response.
	ReadTimeout, WriteTimeout time.Duration
	// DecideTimeout is the maximum time for everything else.
	DecideTimeout time.Duration
	// WaitTimeout is the maximum time that a body waits for memory.
	WaitTimeout time.Duration
	// SmallBodies and LargeBodies are the maximum total sizes of the small and of the large bodies in memory, in bytes.
	SmallBodies, LargeBodies int64
}

// DefaultLimits returns the limits of serve. The API server waits at most 30 s for a webhook, and a body takes milliseconds on the
// network of a cluster. DecideTimeout is longer than timeoutSeconds of the shipped webhooks. The memory is sufficient for 64 small
// bodies and for 16 large bodies of the maximum size.
func DefaultLimits() Limits {
	return Limits{
		ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second, DecideTimeout: 10 * time.Second, WaitTimeout: time.Second,
		SmallBodies: 64 * smallBody, LargeBodies: 16 * maxBody,
	}
}

// memory limits the memory of all requests, on all paths. Small bodies have their own limit: they never wait for large bodies.
type memory struct {
	small, large *sizeClass
}

// sizeClass limits the memory of the small or of the large bodies.
type sizeClass struct {
	bodies *semaphore.Weighted // bytes of bodies in memory
	wait   time.Duration       // maximum time that a body waits for memory
	// workspaces contains the free workspaces. More workspaces than cores would need more memory and save no time.
	workspaces chan *workspace
}

func newMemory(l Limits) *memory {
	cores := runtime.GOMAXPROCS(0)
	return &memory{
		small: newSizeClass(l.SmallBodies, l.WaitTimeout, min(cores, maxSmallWorkspaces)),
		large: newSizeClass(l.LargeBodies, l.WaitTimeout, min(cores, maxLargeWorkspaces)),
	}
}

func newSizeClass(maxBytes int64, wait time.Duration, workspaces int) *sizeClass {
	c := &sizeClass{bodies: semaphore.NewWeighted(maxBytes), wait: wait, workspaces: make(chan *workspace, workspaces)}
	for range workspaces {
		c.workspaces <- &workspace{}
	}
	return c
}

// classOf returns the size class of a request, and the maximum size of its body in bytes. A body of unknown length can be large.
func (m *memory) classOf(r *http.Request) (*sizeClass, int64) {
	switch size := r.ContentLength; {
	case size < 0:
		return m.large, maxBody
	case size <= smallBody:
		return m.small, size
	default:
		return m.large, size
	}
}

// acquireWorkspace waits for a workspace until ctx ends.
func (c *sizeClass) acquireWorkspace(ctx context.Context) (*workspace, error) {
	select {
	case w := <-c.workspaces:
		return w, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *sizeClass) releaseWorkspace(w *workspace) {
	if w.oversized() {
		w = &workspace{}
	}
	c.workspaces <- w
}

// reservation is the memory that is reserved for one body.
type reservation struct {
	class   *sizeClass
	size    int64
	timeout time.Duration // maximum time until the body has arrived
}

// grow waits until size bytes in total are reserved. It returns false if the wait time of the size class is over or ctx has ended.
func (m *reservation) grow(ctx context.Context, size int64) bool {
	if more := size - m.size; more > 0 && !m.class.bodies.TryAcquire(more) {
		ctx, cancel := context.WithTimeout(ctx, m.class.wait)
		defer cancel()
		if m.class.bodies.Acquire(ctx, more) != nil {
			return false
		}
	}
	m.size = max(m.size, size)
	return true
}

func (m *reservation) release() { m.class.bodies.Release(m.size) }

// readBody reads the body of r, of at most size bytes, into buf. It reserves memory in steps: a client that has sent only a
// small part of a large body reserves only little memory.
func (m *reservation) readBody(ctx context.Context, w http.ResponseWriter, r *http.Request, buf *bytes.Buffer, size int64) *httpError {
	body := http.MaxBytesReader(w, r.Body, maxBody)
	buf.Reset()
	part := io.LimitedReader{R: body}
	for _, step := range [...]int64{4 << 10, 64 << 10, size} {
		step = min(step, size)
		if !m.grow(ctx, step) {
			return overloaded()
		}
		if r.ContentLength > 0 {
			buf.Grow(int(step) - buf.Len() + bytes.MinRead) // ReadFrom needs MinRead free bytes to find the end
		}
		part.N = step - int64(buf.Len())
		if step == size {
			part.N = maxBody + 1 // the body ends before this limit
		}
		if _, err := buf.ReadFrom(&part); err != nil {
			return bodyError(err, m.timeout)
		}
		if step == size {
			break
		}
	}
	return nil
}
