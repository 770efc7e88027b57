package admission

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ippool-webhook/webhook/ippool"
	"ippool-webhook/webhook/review"
	"ippool-webhook/webhook/rules"
)

const (
	// maxCauses bounds the causes of a denial; one more counts the rest.
	maxCauses = 32
	// maxWarnings bounds the warnings of a response; one more counts the rest. maxWarning bounds one of them, in bytes: to
	// that length the API server cuts each once all together have 4,096 (pkg/endpoints/filters/warning.go of
	// k8s.io/apiserver).
	maxWarnings = 16
	maxWarning  = 256
	// maxAuditPaths bounds the fields that one audit annotation names.
	maxAuditPaths = 8
	// maxName is the longest that the name of an object can be, in bytes (DNS-1123 subdomain).
	maxName = 253
	// maxStrictErrors bounds the fields that a strict decoding error names, as sigs.k8s.io/json does; maxStrictMessage is how
	// many bytes it may have before another one is named.
	maxStrictErrors  = 100
	maxStrictMessage = 16 << 10

	// maxRules is how many rules a set has at the most.
	maxRules = 64

	reasonInvalid    = string(metav1.StatusReasonInvalid)
	reasonBadRequest = string(metav1.StatusReasonBadRequest)
)

// respond turns what was decided into the response.
func (w *Workspace) respond(set *rules.Set) {
	if len(w.Decided) == 0 {
		return
	}
	w.warn(set)
	w.annotate(set)
	switch {
	case w.deniesStrictly(set):
		w.denyStrictly(set)
	case w.Count(rules.Deny) > 0:
		w.deny(set)
	}
}

// deny refuses the request as apierrors.NewInvalid does, with a cause for each finding.
func (w *Workspace) deny(set *rules.Set) {
	s := &w.Response.Status
	w.Response.Allowed = false
	s.Code, s.Reason, s.Name = http.StatusUnprocessableEntity, reasonInvalid, w.printableName()
	for _, d := range w.Decided {
		if d.Action == rules.Deny && len(s.Causes) < maxCauses {
			s.Causes = append(s.Causes, w.cause(set, d.Finding))
		}
	}
	if rest := w.Count(rules.Deny) - len(s.Causes); rest > 0 {
		message := w.append(func(dst []byte) []byte { return appendRest(dst, rest, "finding") })
		s.Causes = append(s.Causes, review.Cause{Reason: rules.Invalid.Reason(), Message: message, Field: "spec"})
	}
	s.Message = w.append(func(dst []byte) []byte {
		dst = append(dst, ippool.Kind+"."+ippool.Group+" "...)
		dst = strconv.AppendQuote(dst, s.Name)
		return appendCauses(append(dst, " is invalid: "...), s.Causes)
	})
}

// printableName returns the pool's name, cut where it is longer than a name can be, and in quotes where it has characters
// that are not printable.
func (w *Workspace) printableName() string {
	name := w.Name()
	if len(name) > maxName {
		name = w.append(func(dst []byte) []byte {
			return append(cut(append(dst, name[:maxName]...), len(dst)+maxName-3), "..."...)
		})
	}
	if strings.ContainsFunc(name, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return w.append(func(dst []byte) []byte { return strconv.AppendQuote(dst, name) })
	}
	return name
}

func (w *Workspace) cause(set *rules.Set, f rules.Finding) review.Cause {
	return review.Cause{
		Reason:  f.Kind.Reason(),
		Message: w.append(func(dst []byte) []byte { return set.AppendMessage(dst, w.subject, f) }),
		Field:   w.append(func(dst []byte) []byte { return f.AppendPath(dst, w.subject.Pool) }),
	}
}

// appendCauses appends causes as field.ErrorList.ToAggregate does.
func appendCauses(dst []byte, causes []review.Cause) []byte {
	if len(causes) > 1 {
		dst = append(dst, '[')
	}
	for i, c := range causes {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(dst, c.Field...)
		dst = append(dst, ": "...)
		dst = append(dst, c.Message...)
	}
	if len(causes) > 1 {
		dst = append(dst, ']')
	}
	return dst
}

// deniesStrictly reports whether unknown or duplicate fields are to be refused.
func (w *Workspace) deniesStrictly(set *rules.Set) bool {
	return slices.ContainsFunc(w.Decided, func(d Decided) bool { return isStrict(set, d) })
}

func isStrict(set *rules.Set, d Decided) bool {
	return d.Action == rules.Deny && set.Rule(d.Finding).ByFieldValidation
}

// denyStrictly refuses the request as the API server refuses an object that it decodes strictly (transformDecodeError in
// pkg/endpoints/handlers/create.go of k8s.io/apiserver): duplicate fields first, unknown ones sorted.
func (w *Workspace) denyStrictly(set *rules.Set) {
	s := &w.Response.Status
	w.Response.Allowed = false
	s.Code, s.Reason = http.StatusBadRequest, reasonBadRequest
	s.Message = w.append(func(dst []byte) []byte {
		dst = append(dst, ippool.Kind+` in version "`+ippool.Version+`" cannot be handled as a `+ippool.Kind+": strict decoding error: "...)
		start, n := len(dst), 0
		for _, d := range w.Decided {
			if !isStrict(set, d) || n == maxStrictErrors || len(dst)-start > maxStrictMessage {
				continue
			}
			if n++; n > 1 {
				dst = append(dst, ", "...)
			}
			dst = set.AppendMessage(dst, w.subject, d.Finding)
		}
		if rest := w.countStrict(set) - n; rest > 0 {
			dst = appendRest(append(dst, ", "...), rest, "field")
		}
		return dst
	})
}

// countStrict returns how many unknown or duplicate fields are denied.
func (w *Workspace) countStrict(set *rules.Set) int {
	n := 0
	for _, total := range w.Totals {
		if total.Action == rules.Deny && set.Rules()[total.Rule].ByFieldValidation {
			n += total.Count
		}
	}
	return n
}

// warn tells the client of the findings that it is only warned of.
func (w *Workspace) warn(set *rules.Set) {
	for _, d := range w.Decided {
		if d.Action == rules.Warn && len(w.Response.Warnings) < maxWarnings {
			w.Response.Warnings = append(w.Response.Warnings, w.warning(set, d.Finding))
		}
	}
	if rest := w.Count(rules.Warn) - len(w.Response.Warnings); rest > 0 {
		w.Response.Warnings = append(w.Response.Warnings, w.append(func(dst []byte) []byte {
			return appendRest(dst, rest, "warning")
		}))
	}
}

// warning returns the text of one warning, with the rule's ID at its end also where it has to be cut; unknown and
// duplicate fields read as the API server's own.
func (w *Workspace) warning(set *rules.Set, f rules.Finding) string {
	return w.append(func(dst []byte) []byte {
		start := len(dst)
		if set.Rule(f).ByFieldValidation {
			return cut(set.AppendMessage(dst, w.subject, f), start+maxWarning)
		}
		dst = f.AppendPath(dst, w.subject.Pool)
		dst = set.AppendMessage(append(dst, ": "...), w.subject, f)
		if len(dst)-start <= maxWarning {
			return dst
		}
		end := "... (rule " + set.Rule(f).ID + ")"
		return append(cut(dst, start+maxWarning-len(end)), end...)
	})
}

// annotate tells the API server's audit log what every rule found.
func (w *Workspace) annotate(set *rules.Set) {
	counts := [maxRules]int{}
	for _, total := range w.Totals {
		counts[total.Rule] += total.Count
	}
	for i, count := range counts[:len(set.Rules())] {
		if count > 0 {
			w.Response.AuditAnnotations = append(w.Response.AuditAnnotations,
				review.Annotation{Key: set.Rules()[i].ID, Value: w.annotation(i, count)})
		}
	}
}

// annotation says what is done about the findings of one rule, and names the first fields.
func (w *Workspace) annotation(rule, count int) string {
	return w.append(func(dst []byte) []byte {
		n := 0
		for _, d := range w.Decided {
			if int(d.Rule) != rule || n == maxAuditPaths {
				continue
			}
			if n++; n > 1 {
				dst = append(dst, ", "...)
			}
			dst = append(dst, d.Action.String()...)
			dst = d.AppendPath(append(dst, ' '), w.subject.Pool)
		}
		if count > n {
			dst = appendRest(append(dst, ", "...), count-n, "field")
		}
		return dst
	})
}

// appendRest appends how many things are not listed.
func appendRest(dst []byte, n int, noun string) []byte {
	dst = append(dst, "and "...)
	dst = strconv.AppendInt(dst, int64(n), 10)
	dst = append(dst, " more "...)
	dst = append(dst, noun...)
	if n > 1 {
		dst = append(dst, 's')
	}
	return dst
}

// cut shortens text to at most limit bytes, at the end of a character.
func cut(text []byte, limit int) []byte {
	if len(text) <= limit {
		return text
	}
	end := limit
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}
