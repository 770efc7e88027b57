package server

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-logr/logr"

	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/rules"
)

// logDecision writes one line about a request that was refused. It also writes one where a write introduces what is
// audited, or what a trusted writer is only warned of: that would be a bug of Whereabouts, and nobody sees its warnings.
// What a request carries, but for names, is never written.
func logDecision(log logr.Logger, judge *admission.Judge, w *admission.Workspace) {
	message, action := "", rules.Deny
	switch {
	case !w.Response.Allowed:
		message = "denied"
	case w.Writer == admission.Trusted && introduces(w, rules.Warn):
		message, action = "warned", rules.Warn
	case introduces(w, rules.Audit):
		message, action = "audited", rules.Audit
	default:
		return
	}
	q := &w.Request
	pool := bounded(q.Namespace) + "/" + bounded(w.Name())
	what, why := "rules", any(ruleIDs(judge, w, action))
	if w.Invalid {
		what, why = "reason", w.Response.Status.Message
	}
	log.Info(message, "uid", bounded(q.UID), "user", bounded(q.Username), "writer", w.Writer.String(), "operation", bounded(q.Operation),
		"pool", pool, what, why)
}

// maxLogged bounds, in bytes, what a line repeats of one value that a client sent: the longest name of an object.
const maxLogged = 253

// bounded cuts a value, and puts it in quotes where it has characters that are not printable.
func bounded(text string) string {
	if len(text) > maxLogged {
		text = strings.ToValidUTF8(text[:maxLogged], "") + "..."
	}
	if strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}

// introduces tells findings that this write made from those that were there before: the same line at every write would
// hide the first.
func introduces(w *admission.Workspace, action rules.Action) bool {
	return slices.ContainsFunc(w.Totals, func(t admission.Total) bool { return t.Action == action && !t.Existing })
}

// ruleIDs lists the rules that took an action, each once.
func ruleIDs(judge *admission.Judge, w *admission.Workspace, action rules.Action) []string {
	var ids []string
	for _, t := range w.Totals {
		if id := judge.Rules()[t.Rule].ID; t.Action == action && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
