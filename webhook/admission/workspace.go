package admission

import (
	"cmp"
	"slices"

	"ippool-webhook/webhook/arena"
	"ippool-webhook/webhook/ippool"
	"ippool-webhook/webhook/review"
	"ippool-webhook/webhook/rules"
)

// Total counts the findings of one rule, new or existing, about which the same is done.
type Total struct {
	// Rule is the rule's place in the set.
	Rule   int
	Action rules.Action
	// Existing says that the object had the findings before the update.
	Existing bool
	Count    int
}

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
	// Totals counts the findings that something is done about, in the order of the rules.
	Totals []Total
	// Decided lists the first findings of each rule that something is done about, in the order of reports.
	Decided []Decided
	// Invalid says that the request could not be decided on.
	Invalid bool

	subject  rules.Subject
	change   ippool.Change
	found    rules.Report
	text     arena.Text
	rendered []byte
}

// begin makes w ready to decide the request that it has decoded.
func (w *Workspace) begin(writer Writer) {
	w.Writer, w.Invalid = writer, false
	w.Totals, w.Decided = w.Totals[:0], w.Decided[:0]
	w.text.Reset()
	w.Response.Reset(w.Request.UID)
}

// take adds the findings of a tally, about which the same is done.
func (w *Workspace) take(t *rules.Tally, total Total) {
	if t.Count == 0 || total.Action == rules.Off {
		return
	}
	total.Count = t.Count
	w.Totals = append(w.Totals, total)
	for _, f := range t.Findings {
		w.Decided = append(w.Decided, Decided{Finding: f, Action: total.Action})
	}
}

// sort puts Decided in the order of reports, which does not depend on the order of fields and allocations in the JSON text.
func (w *Workspace) sort() {
	slices.SortFunc(w.Decided, func(a, b Decided) int {
		return cmp.Or(rules.Compare(w.subject.Pool, a.Finding, b.Finding), cmp.Compare(a.Rule, b.Rule))
	})
}

// Count returns about how many findings an action is taken.
func (w *Workspace) Count(action rules.Action) int {
	n := 0
	for _, total := range w.Totals {
		if total.Action == action {
			n += total.Count
		}
	}
	return n
}

// Pool returns the pool that the request is about.
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

// reject answers a request that cannot be decided on: it is denied, or allowed with a warning.
func (w *Workspace) reject(status review.Status, allow bool) {
	w.Invalid = true
	if allow {
		w.Response.Warnings = append(w.Response.Warnings, w.shortened(status.Message))
		return
	}
	w.Response.Allowed = false
	w.Response.Status = status
}

func (w *Workspace) shortened(message string) string {
	return w.append(func(dst []byte) []byte { return cut(append(dst, message...), len(dst)+maxWarning) })
}

// maxText is how much room a piece of text is given at first.
const maxText = 4 << 10

// append lends what add appends.
func (w *Workspace) append(add func(dst []byte) []byte) string { return w.text.Append(maxText, add) }

// Render returns the bytes of the AdmissionReview that carries the response. They are good until w is used again.
func (w *Workspace) Render() []byte {
	w.rendered = w.Response.AppendTo(w.rendered[:0])
	return w.rendered
}

// maxIdle is how many allocations, or bytes of an answer, a Workspace is worth keeping for: what fits an object that etcd
// stores, several times over.
const maxIdle = 32 << 10

// Oversized reports whether w has grown so much for one request that it is better thrown away than used again.
func (w *Workspace) Oversized() bool {
	object, old := &w.Request.Object, &w.Request.OldObject
	return max(cap(object.Allocations), cap(old.Allocations)) > maxIdle || cap(w.rendered) > 1<<20
}
