package admission

import (
	"cmp"
	"slices"

	"ippool-webhook/webhook/codec"
	"ippool-webhook/webhook/ippool"
	"ippool-webhook/webhook/review"
	"ippool-webhook/webhook/rules"
)

// Scratch is memory for the evaluation of one request, used again for the next. It must not be shared between goroutines. Its
// zero value is ready to use.
type Scratch struct {
	result  Result
	subject rules.Subject
	pool    ippool.IndexedPool
	old     ippool.IndexedPool
	change  ippool.Change
	found   rules.Report
	text    codec.Text
}

// begin prepares s for the evaluation of a request: it allows the request, without findings.
func (s *Scratch) begin(q *review.Request, mode Mode) {
	r := &s.result
	r.Request, r.Mode, r.Invalid = q, mode, false
	r.Totals, r.Decisions = r.Totals[:0], r.Decisions[:0]
	r.Response.Reset(q.UID)
	s.text.Reset()
}

// take adds the findings of a tally to the result.
func (s *Scratch) take(t *rules.Tally, total Total) {
	if t.Count == 0 || total.Action == rules.Off {
		return
	}
	total.Count = t.Count
	s.result.Totals = append(s.result.Totals, total)
	for _, f := range t.Findings {
		s.result.Decisions = append(s.result.Decisions, Decision{Finding: f, Rule: total.Rule, Action: total.Action})
	}
}

// sort sorts the decisions in the order of reports, which does not depend on the order of fields in the JSON text.
func (s *Scratch) sort() {
	slices.SortFunc(s.result.Decisions, func(a, b Decision) int {
		return cmp.Or(rules.Compare(s.subject.Pool.Pool, a.Finding, b.Finding), cmp.Compare(a.Finding.Rule, b.Finding.Rule))
	})
}

// reject answers a request that cannot be evaluated: it is denied, or allowed with a warning.
func (s *Scratch) reject(status review.Status, allow bool) {
	r := &s.result
	r.Invalid = true
	if allow {
		r.Response.Warnings = append(r.Response.Warnings, s.append(func(dst []byte) []byte {
			return cut(append(dst, status.Message...), len(dst)+maxWarning)
		}))
		return
	}
	r.Response.Allowed = false
	r.Response.Status = status
}

// maxText is the room for a piece of text, in bytes. A longer piece gets more.
const maxText = 4 << 10

// append returns the text that add appends.
func (s *Scratch) append(add func(dst []byte) []byte) string { return s.text.Append(maxText, add) }
