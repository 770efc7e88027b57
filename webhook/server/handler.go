package server

import (
	"bytes"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"

	"ippool-webhook/webhook/admission"
)

const (
	// readTimeout and writeTimeout bound a request from its header to the end of its body, and its answer. The API server
	// gives a webhook at most 30 s; on a cluster's network a body takes milliseconds.
	readTimeout  = 5 * time.Second
	writeTimeout = 5 * time.Second
	// maxBodies bounds how many bodies are held in memory at a time; further requests wait for their turn.
	maxBodies = 32
)

// judging is what a path does with a request that it has decoded.
type judging struct {
	decide func(*admission.Workspace)
	// observed says that pools are counted here: the API server sends each object to both paths.
	observed bool
}

// handler answers AdmissionReviews.
type handler struct {
	judging
	judge   *admission.Judge
	metrics *metrics
	log     logr.Logger

	bodies  chan struct{} // one for each body that may be in memory
	buffers sync.Pool     // of *bytes.Buffer
	// workspaces bounds how many requests are judged at a time: that takes a core each, and more at a time would only take
	// more memory.
	workspaces chan *admission.Workspace
}

// Handlers returns what answers at ValidatePath and at MutatePath.
func Handlers(judge *admission.Judge, registry prometheus.Registerer, log logr.Logger) (validate, mutate http.Handler, err error) {
	m, err := newMetrics(registry)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot register metrics: %w", err)
	}
	validating := judging{decide: judge.Validate, observed: true}
	mutating := judging{decide: judge.Mutate}
	return newHandler(validating, judge, m, log.WithName("validate")), newHandler(mutating, judge, m, log.WithName("mutate")), nil
}

func newHandler(j judging, judge *admission.Judge, m *metrics, log logr.Logger) *handler {
	atATime := runtime.GOMAXPROCS(0)
	h := &handler{
		judging: j, judge: judge, metrics: m, log: log,
		bodies:     make(chan struct{}, maxBodies),
		buffers:    sync.Pool{New: func() any { return &bytes.Buffer{} }},
		workspaces: make(chan *admission.Workspace, atATime),
	}
	for range atATime {
		h.workspaces <- &admission.Workspace{}
	}
	return h
}

// ServeHTTP answers one AdmissionReview.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := checkHeader(r); err != nil {
		refuse(w, err)
		return
	}
	select {
	case h.bodies <- struct{}{}:
		defer func() { <-h.bodies }()
	case <-r.Context().Done():
		return // nobody waits for the answer any more
	}
	buf, _ := h.buffers.Get().(*bytes.Buffer)
	defer h.keep(buf)
	setDeadlines(w)
	if err := readBody(w, r, buf); err != nil {
		refuse(w, err)
		return
	}
	h.answer(w, buf)
}

// setDeadlines bounds the time for the body and for the answer, for a client that sends or takes one byte a second. It
// does nothing where the connection has no deadlines, as in a test without one.
func setDeadlines(w http.ResponseWriter) {
	now := time.Now()
	control := http.NewResponseController(w)
	if control.SetReadDeadline(now.Add(readTimeout)) != nil {
		return
	}
	_ = control.SetWriteDeadline(now.Add(readTimeout + writeTimeout))
}

// answer judges the review in buf, whose space it uses for the answer too.
func (h *handler) answer(w http.ResponseWriter, buf *bytes.Buffer) {
	workspace := <-h.workspaces
	defer func() {
		if workspace.Oversized() {
			workspace = &admission.Workspace{}
		}
		h.workspaces <- workspace
	}()
	defer func() {
		if cause := recover(); cause != nil {
			h.log.Error(nil, "panic while judging a request; this is a bug", "cause", cause, "stack", string(debug.Stack()))
			workspace = &admission.Workspace{} // the old one may be half-way through anything
			refuse(w, &wireError{http.StatusInternalServerError, "internal error"})
		}
	}()
	if err := workspace.Request.Decode(buf.Bytes()); err != nil {
		refuse(w, &wireError{http.StatusBadRequest, err.Error()})
		return
	}
	h.decide(workspace)
	h.metrics.count(h.judge, workspace)
	if h.observed && !workspace.Invalid {
		h.metrics.allocations.Observe(float64(len(workspace.Pool().Allocations)))
	}
	logDecision(h.log, h.judge, workspace)
	write(w, workspace.Render())
}

// write sends an AdmissionReview. An error means that the client is gone: there is nobody left to tell.
func write(w http.ResponseWriter, body []byte) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// refuse answers a request that is no admission request.
func refuse(w http.ResponseWriter, err *wireError) {
	if err.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost)
	}
	http.Error(w, err.message, err.status)
}

// keep gives a buffer back, unless it is so large that it is better given to the garbage collector.
func (h *handler) keep(buf *bytes.Buffer) {
	if buf.Cap() <= maxIdleBody {
		h.buffers.Put(buf)
	}
}
