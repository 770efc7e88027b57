package admission

import (
	"cmp"
	"net/http"
	"slices"

	"ippool-webhook/webhook/arena"
	"ippool-webhook/webhook/ippool"
	"ippool-webhook/webhook/review"
	"ippool-webhook/webhook/rules"
)

// Decided is a finding and what is done about it.
type Decided struct {
	rules.Finding
	Action rules.Action
	// Existing says that the object had the finding before the update.
	Existing bool
}

// Workspace holds everything about one request, from its decoded form to its response, in memory that the next request
// uses again. It belongs to one goroutine at a time.
type Workspace struct {
	Request  review.Request
	Response review.Response
	// Writer is who wrote.
	Writer Writer
	// Decided lists the findings that something is done about, in the order of reports.
	Decided []Decided
	// Invalid says that the request could not be judged.
	Invalid bool

	subject     rules.Subject
	change      ippool.Change
	found       rules.Report
	ratcheted   int // how many of found are held against what was found before
	foundBefore rules.Report
	before      ratchet
	text        arena.Text
	rendered    []byte
}

// begin makes w ready to decide the request that it has decoded.
func (w *Workspace) begin(writer Writer) {
	w.Writer, w.Invalid = writer, false
	w.Decided = w.Decided[:0]
	w.found.Reset()
	w.foundBefore.Reset()
	w.ratcheted = 0
	w.text.Reset()
	w.Response.Reset(w.Request.UID)
}

// rulesToRecheck returns the bits of the rules whose findings may have been there before the update.
func (w *Workspace) rulesToRecheck() (which uint64) {
	for _, f := range w.found.Findings[:w.ratcheted] {
		which |= 1 << f.Rule
	}
	return which
}

// Count returns how many findings an action is taken on.
func (w *Workspace) Count(action rules.Action) int {
	n := 0
	for i := range w.Decided {
		if w.Decided[i].Action == action {
			n++
		}
	}
	return n
}

// Pool returns the pool that was judged.
func (w *Workspace) Pool() *ippool.Pool {
	if w.Request.Operation == review.Delete {
		return &w.Request.OldObject
	}
	return &w.Request.Object
}

// Name returns the pool's name. The request does not tell it where a collection is deleted, or where the API server has
// generated it.
func (w *Workspace) Name() string {
	if w.Request.Name != "" {
		return w.Request.Name
	}
	return w.Pool().Name
}

// sort puts Decided in the order of reports, which does not depend on the order of fields and entries in the JSON text.
func (w *Workspace) sort() {
	slices.SortFunc(w.Decided, func(a, b Decided) int {
		return cmp.Or(rules.Compare(w.subject.Pool, a.Finding, b.Finding), cmp.Compare(a.Rule, b.Rule))
	})
}

// reject answers a request that cannot be judged.
func (w *Workspace) reject(err error) {
	w.Invalid = true
	w.Response.Allowed = false
	w.Response.Status.Code = http.StatusBadRequest
	w.Response.Status.Reason = reasonBadRequest
	w.Response.Status.Message = err.Error()
}

// Render returns the bytes of the AdmissionReview that carries the response. They are good until w is used again.
func (w *Workspace) Render() []byte {
	w.rendered = w.Response.AppendTo(w.rendered[:0])
	return w.rendered
}

// maxIdle is how many allocations or findings, or bytes of an answer, a Workspace is worth keeping for: what fits an object
// that etcd takes, several times over.
const maxIdle = 32 << 10

// Oversized reports whether w has grown so much for one request that it is better thrown away than used again.
func (w *Workspace) Oversized() bool {
	object, old := &w.Request.Object, &w.Request.OldObject
	return max(cap(object.Allocations), cap(old.Allocations), cap(w.Decided), cap(w.rendered)) > maxIdle
}
