package server

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
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
	// decideTimeout bounds the rest. It is more than the API server waits by default (timeoutSeconds of the webhooks).
	decideTimeout = 10 * time.Second
)

// judging is what a path does with a request that it has decoded.
type judging struct {
	decide func(context.Context, *admission.Workspace) error
	// mutating says that the path only normalizes: the API server sends each object to the other path as well.
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
		limits: newLimits(), buffers: &sync.Pool{New: func() any { return &bytes.Buffer{} }},
	}
	normalizing := validating // with the same limits and buffers
	normalizing.judging = judging{decide: judge.Mutate, mutating: true}
	normalizing.log = log.WithName("mutate")
	return &validating, &normalizing, nil
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
// given back before the answer is sent, which takes as long as the client likes. It stops where the client has gone.
func (h *handler) answer(w http.ResponseWriter, r *http.Request, buf *bytes.Buffer) *refusal {
	if err := checkHeader(r); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), readTimeout+decideTimeout)
	defer cancel()
	lane, size := h.limits.laneOf(r)
	room := place{lane: lane}
	defer room.leave()
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(readTimeout))
	if err := room.readBody(ctx, w, r, buf, size); err != nil {
		return err
	}
	workspace, err := lane.takeWorkspace(ctx)
	if err != nil {
		return overloaded()
	}
	defer func() { lane.giveWorkspace(workspace) }()
	refused, whole := h.decideSafely(ctx, workspace, buf)
	if !whole {
		workspace = &admission.Workspace{} // the old one may be half-way through anything
	}
	return refused
}

// decideSafely is decideBody that survives a panic. It reports whether the workspace can be used again.
func (h *handler) decideSafely(ctx context.Context, workspace *admission.Workspace, buf *bytes.Buffer) (err *refusal, whole bool) {
	defer func() {
		if cause := recover(); cause != nil {
			h.log.Error(nil, "panic while deciding a request; this is a bug", "cause", cause, "stack", string(debug.Stack()))
			err, whole = &refusal{http.StatusInternalServerError, "internal error"}, false
		}
	}()
	return h.decideBody(ctx, workspace, buf), true
}

// decideBody decides the review in buf and puts the answer there.
func (h *handler) decideBody(ctx context.Context, workspace *admission.Workspace, buf *bytes.Buffer) *refusal {
	if err := workspace.Request.Decode(ctx, buf.Bytes(), h.judge.Schema()); err != nil {
		if ctx.Err() != nil {
			return overloaded()
		}
		return &refusal{http.StatusBadRequest, err.Error()}
	}
	if err := h.decide(ctx, workspace); err != nil {
		return overloaded()
	}
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
