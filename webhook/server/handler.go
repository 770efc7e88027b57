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

// handler answers AdmissionReviews that are sent to one path.
type handler struct {
	mode admission.Mode
	*shared
}

// shared is the state that all handlers share.
type shared struct {
	evaluator *admission.Evaluator
	metrics   *metrics
	log       logr.Logger
	limits    Limits
	memory    *memory
	buffers   sync.Pool // of *bytes.Buffer
}

// Handlers returns the handler of each path.
func Handlers(evaluator *admission.Evaluator, limits Limits, registry prometheus.Registerer, log logr.Logger) (map[string]http.Handler, error) {
	m, err := newMetrics(evaluator, registry)
	if err != nil {
		return nil, fmt.Errorf("cannot register metrics: %w", err)
	}
	all := &shared{
		evaluator: evaluator, metrics: m, log: log.WithName("admission"), limits: limits, memory: newMemory(limits),
		buffers: sync.Pool{New: func() any { return &bytes.Buffer{} }},
	}
	return map[string]http.Handler{
		ValidatePath: &handler{admission.Enforce, all},
		ObservePath:  &handler{admission.Observe, all},
		MutatePath:   &handler{admission.Normalize, all},
	}, nil
}

// ServeHTTP answers one AdmissionReview.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	buf, _ := h.buffers.Get().(*bytes.Buffer)
	defer h.keep(buf)
	err := h.answer(w, r, buf)
	// Errors of the response are ignored: the client has closed the connection, or, in a test, the connection has no deadlines.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(h.limits.WriteTimeout))
	if err != nil {
		writeError(w, err)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(buf.Len()))
	_, _ = w.Write(buf.Bytes())
}

// answer reads the request body into buf and replaces it with the response. When it returns, it has released everything that other
// requests wait for: the client may receive the response slowly. It stops when the client closes the connection.
func (h *handler) answer(w http.ResponseWriter, r *http.Request, buf *bytes.Buffer) *httpError {
	if err := checkHeader(r); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), h.limits.ReadTimeout+h.limits.DecideTimeout)
	defer cancel()
	class, size := h.memory.classOf(r)
	reserved := reservation{class: class, timeout: h.limits.ReadTimeout}
	defer reserved.release()
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(h.limits.ReadTimeout))
	if err := reserved.readBody(ctx, w, r, buf, size); err != nil {
		return err
	}
	space, err := class.acquireWorkspace(ctx)
	if err != nil {
		return overloaded()
	}
	defer func() { class.releaseWorkspace(space) }()
	failure, reusable := h.evaluateSafely(ctx, space, buf)
	if !reusable {
		space = &workspace{} // after a panic, the state of the old workspace is unknown
	}
	return failure
}

// evaluateSafely is evaluate with recovery from a panic. It reports whether the workspace can be used again.
func (h *handler) evaluateSafely(ctx context.Context, w *workspace, buf *bytes.Buffer) (err *httpError, reusable bool) {
	defer func() {
		if cause := recover(); cause != nil {
			h.log.Error(nil, "panic during the evaluation of a request; this is a bug", "cause", cause, "stack", string(debug.Stack()))
			err, reusable = &httpError{http.StatusInternalServerError, "internal error"}, false
		}
	}()
	return h.evaluate(ctx, w, buf), true
}

// evaluate evaluates the review in buf and writes the response to buf.
func (h *handler) evaluate(ctx context.Context, w *workspace, buf *bytes.Buffer) *httpError {
	if err := w.request.Decode(ctx, buf.Bytes(), h.evaluator.Schema()); err != nil {
		if ctx.Err() != nil {
			return overloaded()
		}
		return &httpError{http.StatusBadRequest, err.Error()}
	}
	result, err := h.evaluator.Evaluate(ctx, &w.request, h.mode, &w.scratch)
	if err != nil {
		return overloaded()
	}
	h.metrics.count(result)
	logResult(h.log, result)
	w.answer = result.Response.AppendTo(w.answer[:0])
	buf.Reset() // invalidates the strings of the request and of the result, which are views of buf
	buf.Write(w.answer)
	return nil
}

// writeError writes a response that is not an AdmissionReview.
func writeError(w http.ResponseWriter, err *httpError) {
	if err.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost)
	}
	http.Error(w, err.message, err.status)
}

// keep keeps a buffer for another request unless it is too large.
func (h *handler) keep(buf *bytes.Buffer) {
	if buf.Cap() <= maxIdleBody {
		h.buffers.Put(buf)
	}
}
