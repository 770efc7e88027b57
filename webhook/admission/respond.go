package admission

import (
	"net/http"
	"slices"
	"strconv"
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
	// maxStrictErrors bounds the fields that a strict decoding error names, as sigs.k8s.io/json does.
	maxStrictErrors = 100

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
	s.Code, s.Reason, s.Name = http.StatusUnprocessableEntity, reasonInvalid, w.Name()
	rest := 0
	for _, d := range w.Decided {
		switch {
		case d.Action != rules.Deny:
		case len(s.Causes) == maxCauses:
			rest++
		default:
			s.Causes = append(s.Causes, w.cause(set, d.Finding))
		}
	}
	if rest > 0 {
		message := w.text.Append(func(dst []byte) []byte { return appendRest(dst, rest, "finding") })
		s.Causes = append(s.Causes, review.Cause{Reason: rules.Invalid.Reason(), Message: message, Field: "spec"})
	}
	s.Message = w.text.Append(func(dst []byte) []byte {
		dst = append(dst, ippool.Kind+"."+ippool.Group+" "...)
		dst = strconv.AppendQuote(dst, s.Name)
		return appendCauses(append(dst, " is invalid: "...), s.Causes)
	})
}

func (w *Workspace) cause(set *rules.Set, f rules.Finding) review.Cause {
	return review.Cause{
		Reason:  f.Kind.Reason(),
		Message: w.text.Append(func(dst []byte) []byte { return set.AppendMessage(dst, w.subject, f) }),
		Field:   w.text.Append(func(dst []byte) []byte { return f.AppendPath(dst, w.subject.Pool) }),
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
	s.Message = w.text.Append(func(dst []byte) []byte {
		dst = append(dst, ippool.Kind+` in version "`+ippool.Version+`" cannot be handled as a `+ippool.Kind+": strict decoding error: "...)
		n := 0
		for _, d := range w.Decided {
			if !isStrict(set, d) {
				continue
			}
			if n++; n > maxStrictErrors {
				continue
			}
			if n > 1 {
				dst = append(dst, ", "...)
			}
			dst = set.AppendMessage(dst, w.subject, d.Finding)
		}
		if n > maxStrictErrors {
			dst = appendRest(append(dst, ", "...), n-maxStrictErrors, "field")
		}
		return dst
	})
}

// warn tells the client of the findings that it is only warned of.
func (w *Workspace) warn(set *rules.Set) {
	rest := 0
	for _, d := range w.Decided {
		switch {
		case d.Action != rules.Warn:
		case len(w.Response.Warnings) == maxWarnings:
			rest++
		default:
			w.Response.Warnings = append(w.Response.Warnings, w.warning(set, d.Finding))
		}
	}
	if rest > 0 {
		w.Response.Warnings = append(w.Response.Warnings, w.text.Append(func(dst []byte) []byte {
			return appendRest(dst, rest, "warning")
		}))
	}
}

// warning returns the text of one warning, with the rule's ID at its end also where it has to be cut; unknown and
// duplicate fields read as the API server's own.
func (w *Workspace) warning(set *rules.Set, f rules.Finding) string {
	return w.text.Append(func(dst []byte) []byte {
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
	for i := range set.Rules() {
		n := 0
		value := w.text.Append(func(dst []byte) []byte {
			for _, d := range w.Decided {
				if int(d.Rule) != i {
					continue
				}
				if n++; n > maxAuditPaths {
					continue
				}
				if n > 1 {
					dst = append(dst, ", "...)
				}
				dst = append(dst, d.Action.String()...)
				dst = d.AppendPath(append(dst, ' '), w.subject.Pool)
			}
			if n > maxAuditPaths {
				dst = appendRest(append(dst, ", "...), n-maxAuditPaths, "field")
			}
			return dst
		})
		if n > 0 {
			w.Response.AuditAnnotations = append(w.Response.AuditAnnotations, review.Annotation{Key: set.Rules()[i].ID, Value: value})
		}
	}
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
