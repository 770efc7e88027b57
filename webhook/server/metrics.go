package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/review"
	"ippool-webhook/webhook/rules"
)

// The values of the label decision of ippool_webhook_admissions_total.
const (
	decisionAllowed    = "allowed"    // without a warning
	decisionWarned     = "warned"     // allowed with a warning
	decisionNormalized = "normalized" // allowed with a patch
	decisionDenied     = "denied"     // by a rule or by field validation
	decisionInvalid    = "invalid"    // not a request for an IPPool, or a pool with too many allocations
)

func decisions() []string {
	return []string{decisionAllowed, decisionWarned, decisionNormalized, decisionDenied, decisionInvalid}
}

// operationOther is the label of an operation that is not validated.
const operationOther = "other"

func operations() []string {
	return []string{review.Create, review.Update, review.Delete, operationOther}
}

// metrics counts results.
type metrics struct {
	admissions  *prometheus.CounterVec
	findings    *prometheus.CounterVec
	allocations prometheus.Histogram
}

// newMetrics creates the metrics of an evaluator and registers them.
func newMetrics(evaluator *admission.Evaluator, registry prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		admissions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ippool_webhook_admissions_total",
			Help: "Admission requests by operation, decision (allowed, warned, normalized, denied, invalid) and mode (enforce, observe, normalize).",
		}, []string{"operation", "decision", "mode"}),
		findings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ippool_webhook_findings_total",
			Help: "Findings in validated requests by rule, action (Deny, Warn, Audit) and mode (enforce, observe).",
		}, []string{"rule", "action", "mode"}),
		allocations: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "ippool_webhook_pool_allocations",
			Help:    "Number of allocations in each validated pool.",
			Buckets: prometheus.ExponentialBuckets(4, 4, 8), // 4 to 65,536: a /30 to a /16
		}),
	}
	for _, collector := range []prometheus.Collector{m.admissions, m.findings, m.allocations} {
		if err := registry.Register(collector); err != nil {
			return nil, err
		}
	}
	m.initialize(evaluator)
	return m, nil
}

// initialize sets every counter to 0. If the first value of a counter were 1, Prometheus would see no increase and fire no alert.
func (m *metrics) initialize(evaluator *admission.Evaluator) {
	for _, mode := range admission.Modes() {
		for _, operation := range operations() {
			for _, decision := range decisions() {
				m.admissions.WithLabelValues(operation, decision, mode.String())
			}
		}
		if mode == admission.Normalize {
			continue // this mode evaluates no rule
		}
		for _, rule := range evaluator.Rules() {
			for _, action := range []rules.Action{rules.Deny, rules.Warn, rules.Audit} {
				m.findings.WithLabelValues(rule.ID, action.String(), mode.String())
			}
		}
	}
}

// count counts one request. In normalize mode, it counts only invalid and normalized requests: all others are counted when they are
// validated.
func (m *metrics) count(r *admission.Result) {
	validated := r.Mode != admission.Normalize
	if !validated && !r.Invalid && len(r.Response.Patch) == 0 {
		return
	}
	if validated && !r.Invalid {
		m.allocations.Observe(float64(r.Pool().Items))
	}
	m.admissions.WithLabelValues(operationLabel(r), decisionLabel(r), r.Mode.String()).Inc()
	for _, t := range r.Totals {
		m.findings.WithLabelValues(t.Rule.ID, t.Action.String(), r.Mode.String()).Add(float64(t.Count))
	}
}

// operationLabel returns the operation as a constant. The number of label values must be bounded, and the strings of the request
// are only valid until the response is written.
func operationLabel(r *admission.Result) string {
	for _, operation := range operations() {
		if r.Request.Operation == operation {
			return operation
		}
	}
	return operationOther
}

func decisionLabel(r *admission.Result) string {
	switch {
	case r.Invalid:
		return decisionInvalid
	case !r.Response.Allowed:
		return decisionDenied
	case len(r.Response.Patch) > 0:
		return decisionNormalized
	case r.Count(rules.Warn) > 0:
		return decisionWarned
	default:
		return decisionAllowed
	}
}
