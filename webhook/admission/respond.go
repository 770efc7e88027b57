package admission

import (
	"net/http"
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
	// maxName is the length of the longest name of an object, in bytes (DNS-1123 subdomain).
	maxName = 253
	// maxStrictErrors bounds the fields that a strict decoding error names, as sigs.k8s.io/json does. No field is added to an
	// error of more than maxStrictMessage bytes.
	maxStrictErrors  = 100
	maxStrictMessage = 16 << 10

	reasonInvalid    = string(metav1.StatusReasonInvalid)
	reasonBadRequest = string(metav1.StatusReasonBadRequest)
)

// respond turns the decisions into the response.
func (s *Scratch) respond() {
	r := &s.result
	if len(r.Decisions) == 0 {
		return
	}
	s.warn()
	s.annotate()
	switch strict := r.countStrict(); {
	case strict > 0:
		s.denyStrictly(strict)
	case r.Count(rules.Deny) > 0:
		s.deny()
	}
}

// deny denies the request as apierrors.NewInvalid does, with a cause for each finding.
func (s *Scratch) deny() {
	r := &s.result
	status := &r.Response.Status
	r.Response.Allowed = false
	status.Code, status.Reason, status.Name = http.StatusUnprocessableEntity, reasonInvalid, s.printableName()
	for _, d := range r.Decisions {
		if d.Action == rules.Deny && len(status.Causes) < maxCauses {
			status.Causes = append(status.Causes, s.cause(d))
		}
	}
	if rest := r.Count(rules.Deny) - len(status.Causes); rest > 0 {
		message := s.append(func(dst []byte) []byte { return appendRest(dst, rest, "finding") })
		status.Causes = append(status.Causes, review.Cause{Reason: rules.Invalid.Reason(), Message: message, Field: "spec"})
	}
	status.Message = s.append(func(dst []byte) []byte {
		dst = append(dst, ippool.Kind+"."+ippool.Group+" "...)
		dst = strconv.AppendQuote(dst, status.Name)
		return appendCauses(append(dst, " is invalid: "...), status.Causes)
	})
}

// printableName returns the pool's name. It cuts a name that is longer than maxName, and quotes a name with characters that are
// not printable.
func (s *Scratch) printableName() string {
	name := s.result.Name()
	if len(name) > maxName {
		name = s.append(func(dst []byte) []byte {
			return append(cut(append(dst, name[:maxName]...), len(dst)+maxName-3), "..."...)
		})
	}
	if strings.ContainsFunc(name, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return s.append(func(dst []byte) []byte { return strconv.AppendQuote(dst, name) })
	}
	return name
}

func (s *Scratch) cause(d Decision) review.Cause {
	return review.Cause{
		Reason:  d.Kind.Reason(),
		Message: s.append(func(dst []byte) []byte { return d.Rule.AppendMessage(dst, s.subject, d.Finding) }),
		Field:   s.append(func(dst []byte) []byte { return d.AppendPath(dst, s.subject.Pool.Pool) }),
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

// countStrict returns how many unknown or duplicate fields are denied.
func (r *Result) countStrict() int {
	n := 0
	for _, total := range r.Totals {
		if total.Action == rules.Deny && total.Rule.ByFieldValidation {
			n += total.Count
		}
	}
	return n
}

// denyStrictly denies the request as the API server denies an object that it decodes strictly (transformDecodeError in
// pkg/endpoints/handlers/create.go of k8s.io/apiserver): duplicate fields first, unknown ones sorted. The number of fields is
// denied.
func (s *Scratch) denyStrictly(denied int) {
	r := &s.result
	status := &r.Response.Status
	r.Response.Allowed = false
	status.Code, status.Reason = http.StatusBadRequest, reasonBadRequest
	status.Message = s.append(func(dst []byte) []byte {
		dst = append(dst, ippool.Kind+` in version "`+ippool.Version+`" cannot be handled as a `+ippool.Kind+": strict decoding error: "...)
		start, n := len(dst), 0
		for _, d := range r.Decisions {
			if d.Action != rules.Deny || !d.Rule.ByFieldValidation || n == maxStrictErrors || len(dst)-start > maxStrictMessage {
				continue
			}
			if n++; n > 1 {
				dst = append(dst, ", "...)
			}
			dst = d.Rule.AppendMessage(dst, s.subject, d.Finding)
		}
		if rest := denied - n; rest > 0 {
			dst = appendRest(append(dst, ", "...), rest, "field")
		}
		return dst
	})
}

// warn adds a warning for each finding with the action Warn.
func (s *Scratch) warn() {
	r := &s.result
	for _, d := range r.Decisions {
		if d.Action == rules.Warn && len(r.Response.Warnings) < maxWarnings {
			r.Response.Warnings = append(r.Response.Warnings, s.warning(d))
		}
	}
	if rest := r.Count(rules.Warn) - len(r.Response.Warnings); rest > 0 {
		r.Response.Warnings = append(r.Response.Warnings, s.append(func(dst []byte) []byte {
			return appendRest(dst, rest, "warning")
		}))
	}
}

// warning returns the text of one warning. When it has to be cut, the rule's ID stays at its end. Unknown and duplicate fields
// have the API server's wording.
func (s *Scratch) warning(d Decision) string {
	return s.append(func(dst []byte) []byte {
		start := len(dst)
		if d.Rule.ByFieldValidation {
			return cut(d.Rule.AppendMessage(dst, s.subject, d.Finding), start+maxWarning)
		}
		dst = d.AppendPath(dst, s.subject.Pool.Pool)
		dst = d.Rule.AppendWarning(append(dst, ": "...), s.subject, d.Finding)
		if len(dst)-start <= maxWarning {
			return dst
		}
		end := "... (rule " + d.Rule.ID + ")"
		return append(cut(dst, start+maxWarning-len(end)), end...)
	})
}

// annotate adds an audit annotation for each rule with findings.
func (s *Scratch) annotate() {
	totals := s.result.Totals
	for len(totals) > 0 {
		rule, count := totals[0].Rule, 0
		for len(totals) > 0 && totals[0].Rule == rule {
			count += totals[0].Count
			totals = totals[1:]
		}
		s.result.Response.AuditAnnotations = append(s.result.Response.AuditAnnotations,
			review.Annotation{Key: rule.ID, Value: s.annotation(rule, count)})
	}
}

// annotation returns the action and the field of the first findings of a rule, and how many more of its findings there are.
func (s *Scratch) annotation(rule *rules.Rule, count int) string {
	return s.append(func(dst []byte) []byte {
		n := 0
		for _, d := range s.result.Decisions {
			if d.Rule != rule || n == maxAuditPaths {
				continue
			}
			if n++; n > 1 {
				dst = append(dst, ", "...)
			}
			dst = append(dst, d.Action.String()...)
			dst = d.AppendPath(append(dst, ' '), s.subject.Pool.Pool)
		}
		if count > n {
			dst = appendRest(append(dst, ", "...), count-n, "field")
		}
		return dst
	})
}

// appendRest appends the number of items that are not listed.
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
