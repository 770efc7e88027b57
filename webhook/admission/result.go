package admission

import (
	"slices"

	"ippool-webhook/webhook/ippool"
	"ippool-webhook/webhook/review"
	"ippool-webhook/webhook/rules"
)

// Result is the result of evaluating one request.
type Result struct {
	Request  *review.Request
	Mode     Mode
	Response review.Response
	// Totals counts the findings whose action is not Off, in the order of the rules, for each rule new findings before existing
	// ones.
	Totals []Total
	// Decisions lists the first findings of each rule whose action is not Off, in the order of reports.
	Decisions []Decision
	// Invalid says that the request could not be evaluated; Response says why.
	Invalid bool
}

// Total counts the findings of one rule, all new or all existing.
type Total struct {
	Rule   *rules.Rule
	Action rules.Action
	// Existing says that the object had the findings before the update.
	Existing bool
	Count    int
}

// Decision is a finding with its rule and its action.
type Decision struct {
	rules.Finding
	Rule   *rules.Rule
	Action rules.Action
}

// Count returns the number of findings with an action.
func (r *Result) Count(action rules.Action) int {
	n := 0
	for _, total := range r.Totals {
		if total.Action == action {
			n += total.Count
		}
	}
	return n
}

// Fields returns the paths of the first fields whose findings have an action, in the order of reports, each once. There are at most
// limit paths.
func (r *Result) Fields(action rules.Action, limit int) []string {
	var paths []string
	for _, d := range r.Decisions {
		if len(paths) == limit {
			break
		}
		if path := string(d.AppendPath(nil, r.Pool())); d.Action == action && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// Pool returns the pool that the request is about.
func (r *Result) Pool() *ippool.Pool {
	if r.Request.Operation == review.Delete {
		return &r.Request.OldObject
	}
	return &r.Request.Object
}

// Name returns the pool's name. The request has none when a collection is deleted, or when the API server generates the name.
func (r *Result) Name() string {
	if r.Request.Name != "" {
		return r.Request.Name
	}
	return r.Pool().Name
}
