package review

import (
	"encoding/base64"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"ippool-webhook/webhook/ippool"
)

// Response is the response to one request; see AdmissionResponse in k8s.io/api/admission/v1. Reset makes it reusable.
type Response struct {
	UID     string
	Allowed bool
	// Status contains the reason of a denial.
	Status Status
	// Warnings are warnings for the client. The API server sends each in a Warning header (RFC 7234 section 5.5).
	Warnings []string
	// AuditAnnotations are annotations of the audit event of the API server.
	AuditAnnotations []Annotation
	// Patch is a JSON Patch (RFC 6902), or empty.
	Patch []byte
}

// Status contains the fields of a metav1.Status that a denial uses. If Code is 0, the request is not denied.
type Status struct {
	Code    int
	Reason  string
	Message string
	// Name is the name of the object in the details. A Status without Causes has no details.
	Name   string
	Causes []Cause
}

// Cause is a metav1.StatusCause.
type Cause struct {
	Reason  string
	Message string
	Field   string
}

// Annotation is an audit annotation.
type Annotation struct {
	Key   string
	Value string
}

// Reset sets r to the response that allows the request with this uid, without warnings. It keeps the memory of r.
func (r *Response) Reset(uid string) {
	clear(r.Status.Causes)
	clear(r.Warnings)
	clear(r.AuditAnnotations)
	*r = Response{
		UID: uid, Allowed: true, Status: Status{Causes: r.Status.Causes[:0]},
		Warnings: r.Warnings[:0], AuditAnnotations: r.AuditAnnotations[:0],
	}
}

// AppendTo appends the AdmissionReview that contains the response. It does not use encoding/json with the types of k8s.io/api, which
// would allocate memory for every string of a denial.
func (r *Response) AppendTo(dst []byte) []byte {
	dst = append(dst, `{"kind":"`+Kind+`","apiVersion":"`+APIVersion+`","response":{"uid":`...)
	dst = appendString(dst, r.UID)
	dst = append(dst, `,"allowed":`...)
	dst = strconv.AppendBool(dst, r.Allowed)
	if r.Status.Code != 0 {
		dst = r.Status.appendTo(append(dst, `,"status":`...))
	}
	if len(r.Patch) > 0 {
		dst = append(dst, `,"patch":"`...)
		dst = base64.StdEncoding.AppendEncode(dst, r.Patch)
		dst = append(dst, `","patchType":"JSONPatch"`...)
	}
	if len(r.AuditAnnotations) > 0 {
		dst = append(dst, `,"auditAnnotations":`...)
		dst = appendList(dst, '{', '}', r.AuditAnnotations, Annotation.appendTo)
	}
	if len(r.Warnings) > 0 {
		dst = append(dst, `,"warnings":`...)
		dst = appendList(dst, '[', ']', r.Warnings, func(w string, dst []byte) []byte { return appendString(dst, w) })
	}
	return append(dst, "}}\n"...)
}

func (s *Status) appendTo(dst []byte) []byte {
	dst = append(dst, `{"metadata":{},"status":"Failure","message":`...)
	dst = appendString(dst, s.Message)
	dst = append(dst, `,"reason":`...)
	dst = appendString(dst, s.Reason)
	if len(s.Causes) > 0 {
		dst = append(dst, `,"details":{"name":`...)
		dst = appendString(dst, s.Name)
		dst = append(dst, `,"group":"`+ippool.Group+`","kind":"`+ippool.Kind+`","causes":`...)
		dst = appendList(dst, '[', ']', s.Causes, Cause.appendTo)
		dst = append(dst, '}')
	}
	dst = append(dst, `,"code":`...)
	dst = strconv.AppendInt(dst, int64(s.Code), 10)
	return append(dst, '}')
}

func (c Cause) appendTo(dst []byte) []byte {
	dst = append(dst, `{"reason":`...)
	dst = appendString(dst, c.Reason)
	dst = append(dst, `,"message":`...)
	dst = appendString(dst, c.Message)
	dst = append(dst, `,"field":`...)
	dst = appendString(dst, c.Field)
	return append(dst, '}')
}

func (a Annotation) appendTo(dst []byte) []byte {
	dst = appendString(dst, a.Key)
	dst = append(dst, ':')
	return appendString(dst, a.Value)
}

func appendList[T any](dst []byte, open, end byte, elements []T, appendTo func(T, []byte) []byte) []byte {
	dst = append(dst, open)
	for i, element := range elements {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendTo(element, dst)
	}
	return append(dst, end)
}

// appendString appends s as a JSON string. Invalid UTF-8 becomes U+FFFD; AppendQuote reports no other error.
func appendString(dst []byte, s string) []byte {
	dst, _ = jsontext.AppendQuote(dst, s)
	return dst
}
