package rules

import (
	"strconv"
	"unicode/utf8"

	"ippool-webhook/webhook/ippool"
)

const (
	// maxQuoted bounds, in bytes, how much of a key or a value a message repeats.
	maxQuoted = 64
	// maxFieldPath bounds, in bytes, how much of the path of an unknown or duplicate field a message repeats. It is far
	// more than the length of a real path.
	maxFieldPath = 1024
)

// Reason returns the kind as the reason of a cause in a Status (metav1.CauseType).
func (k Kind) Reason() string {
	return [...]string{"FieldValueInvalid", "FieldValueRequired", "FieldValueDuplicate", "FieldValueForbidden", "FieldValueTypeInvalid"}[k]
}

// String returns the kind as field.ErrorType writes it in messages.
func (k Kind) String() string {
	return [...]string{"Invalid value", "Required value", "Duplicate value", "Forbidden", "Invalid value"}[k]
}

// Value returns the invalid value of a finding about p in full, or "" if the finding is not about a value.
func (f Finding) Value(p *ippool.Pool) string {
	switch f.Field {
	case FieldRange:
		return p.RangeText
	case FieldName:
		return p.Name
	case FieldWrongType:
		return p.WrongTypes[f.Item].Text
	case FieldKey, FieldOffset:
		return p.Allocations[f.Item].Key
	case FieldPodRef:
		return p.Allocations[f.Item].PodRef
	case FieldID, FieldValue:
		return p.Allocations[f.Item].ID
	case FieldIfName:
		return p.Allocations[f.Item].IfName
	case FieldClaimRef:
		return p.Allocations[f.Item].ClaimRef
	case FieldDuplicate:
		return p.Duplicates[f.Item]
	case FieldUnknown:
		return p.Path(p.Unknown[f.Item])
	default:
		return ""
	}
}

// AppendPath appends the path of the field that a finding about p is about, such as spec.allocations[300].podref.
func (f Finding) AppendPath(dst []byte, p *ippool.Pool) []byte {
	switch f.Field {
	case FieldSpec:
		return append(dst, "spec"...)
	case FieldRange:
		return append(dst, "spec.range"...)
	case FieldName:
		return append(dst, "metadata.name"...)
	case FieldWrongType:
		return append(dst, p.WrongTypes[f.Item].Path...)
	case FieldDuplicate, FieldUnknown:
		return appendPrintable(dst, f.Value(p), maxFieldPath)
	}
	dst = append(dst, "spec.allocations"...)
	if f.Item < 0 {
		return dst
	}
	dst = append(dst, '[')
	dst = appendKey(dst, p.Allocations[f.Item].Key)
	dst = append(dst, ']')
	switch f.Field {
	case FieldPodRef:
		dst = append(dst, ".podref"...)
	case FieldID:
		dst = append(dst, ".id"...)
	case FieldIfName:
		dst = append(dst, ".ifname"...)
	case FieldClaimRef:
		dst = append(dst, ".ipamclaimref"...)
	}
	return dst
}

// AppendMessage appends the message of a finding in the form of field.Error.ErrorBody, with the ID of the rule at the end: the
// kind, the value if the kind has one, and the detail. Unknown and duplicate fields have the wording of the API server.
func (r *Rule) AppendMessage(dst []byte, subject Subject, f Finding) []byte {
	if r.ByFieldValidation {
		return r.Detail(dst, subject, f)
	}
	dst = append(dst, f.Kind.String()...)
	dst = append(dst, ": "...)
	if f.Kind != Required && f.Kind != Forbidden {
		value := f.Value(subject.Pool.Pool)
		if f.Kind == TypeInvalid {
			value = ippool.TypeOf(value) // as the API server does
		}
		dst = appendQuoted(dst, value)
		dst = append(dst, ": "...)
	}
	return r.appendDetail(dst, subject, f)
}

// AppendWarning is AppendMessage for a request that is not denied: it does not say that something is forbidden.
func (r *Rule) AppendWarning(dst []byte, subject Subject, f Finding) []byte {
	if f.Kind == Forbidden && !r.ByFieldValidation {
		return r.appendDetail(dst, subject, f)
	}
	return r.AppendMessage(dst, subject, f)
}

func (r *Rule) appendDetail(dst []byte, subject Subject, f Finding) []byte {
	dst = r.Detail(dst, subject, f)
	dst = append(dst, " (rule "...)
	dst = append(dst, r.ID...)
	return append(dst, ')')
}

// appendQuoted appends a value in Go quotes. It cuts a long value.
func appendQuoted(dst []byte, value string) []byte {
	return strconv.AppendQuote(dst, cut(value, maxQuoted))
}

// appendFieldPath appends the path of an unknown or duplicate field as the API server quotes it.
func appendFieldPath(dst []byte, path string) []byte {
	return strconv.AppendQuote(dst, cut(path, maxFieldPath))
}

// appendKey appends a key. It cuts a long key, and quotes a key that is empty or not printable ASCII.
func appendKey(dst []byte, key string) []byte { return appendPrintable(dst, key, maxQuoted) }

// appendPrintable appends at most limit bytes of text, in quotes if the text is empty or not printable ASCII.
func appendPrintable(dst []byte, text string, limit int) []byte {
	if text == "" {
		return append(dst, `""`...)
	}
	for i := range min(len(text), limit+utf8.UTFMax) {
		if text[i] <= ' ' || text[i] > '~' {
			return strconv.AppendQuote(dst, cut(text, limit))
		}
	}
	return append(dst, cut(text, limit)...)
}

// cut shortens a value that is longer than limit bytes, at the end of a character.
func cut(value string, limit int) string {
	if len(value) <= limit {
		return value
	}
	end := limit
	for end > 0 && !utf8.RuneStart(value[end]) {
		end--
	}
	return value[:end] + "..."
}
