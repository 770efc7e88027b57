package server

import (
	"slices"

	"github.com/go-logr/logr"

	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/rules"
)

// logDecision writes one line about a request that was refused, or that a rule has introduced an audited finding in. It
// never writes what the request carries but its names.
func logDecision(log logr.Logger, judge *admission.Judge, w *admission.Workspace) {
	message, action := "", rules.Deny
	switch {
	case !w.Response.Allowed:
		message = "denied"
	case slices.ContainsFunc(w.Decided, audited):
		message, action = "audited", rules.Audit
	default:
		return
	}
	q := &w.Request
	log = log.WithValues("uid", q.UID, "user", q.Username, "writer", w.Writer.String(), "operation", q.Operation,
		"pool", q.Namespace+"/"+w.Name())
	if w.Invalid {
		log.Info(message, "reason", w.Response.Status.Message)
		return
	}
	log.Info(message, "rules", ruleIDs(judge, w, action))
}

// audited tells findings that this write made from those that were there before: the same line at every write would
// hide the first.
func audited(d admission.Decided) bool { return d.Action == rules.Audit && !d.Existing }

// ruleIDs lists the rules that took an action, each once.
func ruleIDs(judge *admission.Judge, w *admission.Workspace, action rules.Action) []string {
	var ids []string
	for _, d := range w.Decided {
		if id := judge.Rules()[d.Rule].ID; d.Action == action && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
