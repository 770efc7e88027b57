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
	// readTimeout bounds a request from its header to the end of its body, and writeTimeout its answer. The API server gives
	// a webhook at most 30 s; on a cluster's network a body takes milliseconds.
	readTimeout  = 5 * time.Second
	writeTimeout = 5 * time.Second
)

// judging is what a path does with a request that it has decoded.
type judging struct {
	decide func(*admission.Workspace)
	// mutating says that the path only mends: the API server sends each object to the other path as well.
	mutating bool
}

// handler answers AdmissionReviews.
type handler struct {
	judging
	judge   *admission.Judge
	metrics *metrics
	log     logr.Logger
	limits  *limits
	buffers *sync.Pool // of *bytes.Buffer
}

// Handlers returns what answers at ValidatePath and at MutatePath.
func Handlers(judge *admission.Judge, registry prometheus.Registerer, log logr.Logger) (validate, mutate http.Handler, err error) {
	m, err := newMetrics(judge, registry)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot register metrics: %w", err)
	}
	validating := handler{
		judging: judging{decide: judge.Validate}, judge: judge, metrics: m, log: log.WithName("validate"),
		limits: newLimits(runtime.GOMAXPROCS(0)), buffers: &sync.Pool{New: func() any { return &bytes.Buffer{} }},
	}
	mending := validating // of the same limits and buffers
	mending.judging = judging{decide: judge.Mutate, mutating: true}
	mending.log = log.WithName("mutate")
	return &validating, &mending, nil
}

// ServeHTTP answers one AdmissionReview.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	buf, _ := h.buffers.Get().(*bytes.Buffer)
	defer h.keep(buf)
	err := h.answer(w, r, buf)
	// An error from here on means that the client is gone, or that the connection has no deadlines, as in a test without
	// one. There is nobody left to tell.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout))
	if err != nil {
		refuse(w, err)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(buf.Len()))
	_, _ = w.Write(buf.Bytes())
}

// answer reads the request's body into buf and puts the answer in its place. Everything that other requests wait for is
// given back before the answer is sent, which takes as long as the client likes.
func (h *handler) answer(w http.ResponseWriter, r *http.Request, buf *bytes.Buffer) (err *refusal) {
	if err = checkHeader(r); err != nil {
		return err
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(readTimeout))
	release, err := h.limits.readBody(w, r, buf)
	defer release()
	if err != nil {
		return err
	}
	workspace := h.limits.takeWorkspace()
	defer func() { h.limits.giveWorkspace(workspace) }()
	defer func() {
		if cause := recover(); cause != nil {
			h.log.Error(nil, "panic while judging a request; this is a bug", "cause", cause, "stack", string(debug.Stack()))
			workspace = &admission.Workspace{} // the old one may be half-way through anything
			err = &refusal{http.StatusInternalServerError, "internal error"}
		}
	}()
	err = h.judgeBody(workspace, buf)
	return err
}

// judgeBody judges the review in buf and puts the answer there.
func (h *handler) judgeBody(workspace *admission.Workspace, buf *bytes.Buffer) *refusal {
	if err := workspace.Request.Decode(buf.Bytes()); err != nil {
		return &refusal{http.StatusBadRequest, err.Error()}
	}
	h.decide(workspace)
	h.metrics.count(h.judge, workspace, h.mutating)
	logDecision(h.log, h.judge, workspace)
	answer := workspace.Render()
	buf.Reset() // from here on, the strings of the workspace are not to be used
	buf.Write(answer)
	return nil
}

// refuse answers a request that is no admission request.
func refuse(w http.ResponseWriter, err *refusal) {
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
