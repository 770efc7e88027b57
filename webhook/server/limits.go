package server

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"ippool-webhook/webhook/admission"
)

const (
	// smallBody is how many bytes of a body are read before it counts as a large one.
	smallBody = 64 << 10
	// maxLargeBodies bounds how many large bodies are in memory at a time, and maxWait how long another one waits.
	maxLargeBodies = 32
	maxWait        = time.Second
)

// limits bounds the memory that requests take together, whatever their path.
type limits struct {
	largeBodies chan struct{} // holds one for each large body in memory
	// workspaces holds those that are free, one for each core: judging takes a core, and more at a time would only take more
	// memory.
	workspaces chan *admission.Workspace
}

func newLimits(cores int) *limits {
	l := &limits{largeBodies: make(chan struct{}, maxLargeBodies), workspaces: make(chan *admission.Workspace, cores)}
	for range cores {
		l.workspaces <- &admission.Workspace{}
	}
	return l
}

func (l *limits) takeWorkspace() *admission.Workspace { return <-l.workspaces }

func (l *limits) giveWorkspace(w *admission.Workspace) {
	if w.Oversized() {
		w = &admission.Workspace{}
	}
	l.workspaces <- w
}

// readBody reads the body of r into buf. A body that turns out to be large is counted until release is called.
func (l *limits) readBody(w http.ResponseWriter, r *http.Request, buf *bytes.Buffer) (release func(), err *refusal) {
	buf.Reset()
	release = func() {}
	body := http.MaxBytesReader(w, r.Body, maxBody)
	if _, err := buf.ReadFrom(io.LimitReader(body, smallBody)); err != nil || buf.Len() < smallBody {
		return release, bodyError(err)
	}
	if !l.admitLarge(r.Context()) {
		return release, &refusal{http.StatusServiceUnavailable, "too many large requests at a time, try again"}
	}
	if r.ContentLength > 0 {
		buf.Grow(int(r.ContentLength) - smallBody + bytes.MinRead) // ReadFrom wants room to see the end
	}
	_, readErr := buf.ReadFrom(body)
	return l.releaseLarge, bodyError(readErr)
}

func (l *limits) releaseLarge() { <-l.largeBodies }

// admitLarge waits until another large body may be in memory, for a while.
func (l *limits) admitLarge(ctx context.Context) bool {
	select {
	case l.largeBodies <- struct{}{}:
		return true
	default:
	}
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	select {
	case l.largeBodies <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}
