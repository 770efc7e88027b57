package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/review"
	"ippool-webhook/webhook/rules"
)

// The decisions that ippool_webhook_admissions_total tells apart.
const (
	decisionAllowed = "allowed" // nothing to say
	decisionWarned  = "warned"  // allowed with a warning
	decisionPatched = "patched" // allowed and mended
	decisionDenied  = "denied"  // refused by a rule or by field validation
	decisionInvalid = "invalid" // refused because it cannot be judged
)

func decisions() []string {
	return []string{decisionAllowed, decisionWarned, decisionPatched, decisionDenied, decisionInvalid}
}

// operationOther stands for what no API server asks about.
const operationOther = "other"

func operations() []string {
	return []string{review.Create, review.Update, review.Delete, operationOther}
}

// metrics counts what is decided.
type metrics struct {
	admissions  *prometheus.CounterVec
	findings    *prometheus.CounterVec
	allocations prometheus.Histogram
}

// newMetrics makes the metrics of a judge and registers them.
func newMetrics(judge *admission.Judge, registry prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		admissions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ippool_webhook_admissions_total",
			Help: "Requests answered, by operation, decision (allowed, warned, patched, denied, invalid) and writer (ordinary, trusted).",
		}, []string{"operation", "decision", "writer"}),
		findings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ippool_webhook_findings_total",
			Help: "Findings in the requests validated, by rule, action taken (Deny, Warn, Audit) and writer (ordinary, trusted).",
		}, []string{"rule", "action", "writer"}),
		allocations: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "ippool_webhook_pool_allocations",
			Help:    "Allocations in the pools validated.",
			Buckets: prometheus.ExponentialBuckets(4, 4, 8), // 4 to 65,536: a /30 to a /16
		}),
	}
	for _, collector := range []prometheus.Collector{m.admissions, m.findings, m.allocations} {
		if err := registry.Register(collector); err != nil {
			return nil, err
		}
	}
	m.begin(judge)
	return m, nil
}

// begin has every counter begin with 0: Prometheus sees no increase in one that begins with 1, and no alert the first event.
func (m *metrics) begin(judge *admission.Judge) {
	for _, writer := range []admission.Writer{admission.Ordinary, admission.Trusted} {
		for _, operation := range operations() {
			for _, decision := range decisions() {
				m.admissions.WithLabelValues(operation, decision, writer.String())
			}
		}
		for _, rule := range judge.Rules() {
			for _, action := range []rules.Action{rules.Deny, rules.Warn, rules.Audit} {
				m.findings.WithLabelValues(rule.ID, action.String(), writer.String())
			}
		}
	}
}

// count counts one answered request. What the mutating path leaves alone is not counted: it comes to the other one too.
func (m *metrics) count(judge *admission.Judge, w *admission.Workspace, mutating bool) {
	if mutating && !w.Invalid && len(w.Response.Patch) == 0 {
		return
	}
	if !mutating && !w.Invalid {
		m.allocations.Observe(float64(w.Pool().Items))
	}
	m.admissions.WithLabelValues(operationLabel(w), decisionLabel(w), w.Writer.String()).Inc()
	for _, t := range w.Totals {
		m.findings.WithLabelValues(judge.Rules()[t.Rule].ID, t.Action.String(), w.Writer.String()).Add(float64(t.Count))
	}
}

// operationLabel keeps what a client makes up out of the labels, and the request's own strings: metrics keep their labels,
// and those strings are lent.
func operationLabel(w *admission.Workspace) string {
	for _, operation := range operations() {
		if w.Request.Operation == operation {
			return operation
		}
	}
	return operationOther
}

func decisionLabel(w *admission.Workspace) string {
	switch {
	case w.Invalid:
		return decisionInvalid
	case !w.Response.Allowed:
		return decisionDenied
	case len(w.Response.Patch) > 0:
		return decisionPatched
	case w.Count(rules.Warn) > 0:
		return decisionWarned
	default:
		return decisionAllowed
	}
}
