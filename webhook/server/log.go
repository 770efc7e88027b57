package server

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-logr/logr"

	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/rules"
)

// logResult writes one line for a request that is denied, or that introduces a finding with the action Audit. In observe mode, it also
// writes a line for a new finding with the action Warn: Whereabouts does not show warnings, and during a roll-out the line shows what
// enforce mode would deny. The line contains names from the request, and no other content.
func logResult(log logr.Logger, r *admission.Result) {
	message, action := "", rules.Deny
	switch {
	case !r.Response.Allowed:
		message = "denied"
	case r.Mode == admission.Observe && introduces(r, rules.Warn):
		message, action = "warned", rules.Warn
	case introduces(r, rules.Audit):
		message, action = "audited", rules.Audit
	default:
		return
	}
	q := r.Request
	pool := bounded(q.Namespace) + "/" + bounded(r.Name())
	log = log.WithValues("uid", bounded(q.UID), "user", bounded(q.Username), "mode", r.Mode.String(), "operation", bounded(q.Operation), "pool", pool)
	if r.Invalid {
		log.Info(message, "reason", r.Response.Status.Message)
		return
	}
	log.Info(message, "rules", ruleIDs(r, action), "fields", fields(r, action))
}

// maxLoggedFields is the maximum number of fields in a line, as in an audit annotation.
const maxLoggedFields = 8

// fields returns the paths of the first fields with findings of this action.
func fields(r *admission.Result, action rules.Action) []string {
	paths := r.Fields(action, maxLoggedFields)
	for i := range paths {
		paths[i] = bounded(paths[i])
	}
	return paths
}

// maxLogged is the maximum number of bytes of a value from the request in a line: the maximum length of an object name.
const maxLogged = 253

// bounded truncates a long value, and quotes a value that contains characters that are not printable.
func bounded(text string) string {
	if len(text) > maxLogged {
		text = strings.ToValidUTF8(text[:maxLogged], "") + "..."
	}
	if strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}

// introduces reports whether a new finding has this action. Existing findings are not logged: every update would log them again.
func introduces(r *admission.Result, action rules.Action) bool {
	return slices.ContainsFunc(r.Totals, func(t admission.Total) bool { return t.Action == action && !t.Existing })
}

// ruleIDs returns the IDs of the rules with findings of this action, new or existing, each once.
func ruleIDs(r *admission.Result, action rules.Action) []string {
	var ids []string
	for _, t := range r.Totals {
		if t.Action == action && !slices.Contains(ids, t.Rule.ID) {
			ids = append(ids, t.Rule.ID)
		}
	}
	return ids
}
