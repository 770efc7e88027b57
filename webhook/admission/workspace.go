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
