package conformance

import (
	"fmt"
	"net/http"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// The names of the resource of pools in the API.
const (
	group    = "whereabouts.cni.cncf.io"
	kind     = "IPPool"
	resource = "ippools"
	poolName = "10.0.0.0-24"
)

// answer is an answer as a client gets it.
type answer struct {
	Code     int
	Warnings []string // the texts of the headers
	// Body is a metav1.Status, another JSON object after tidy, or the text of other content.
	Body any
}

// object is the text of a JSON object that a row expects.
type object string

// ok is the answer with an object.
func ok(text string, warnings ...string) answer {
	return answer{Code: http.StatusOK, Warnings: warnings, Body: object(text)}
}

// created is the answer with a new object.
func created(text string, warnings ...string) answer {
	return answer{Code: http.StatusCreated, Warnings: warnings, Body: object(text)}
}

// deleted is the answer to the deletion of 10.0.0.0-24.
func deleted(warnings ...string) answer {
	return answer{Code: http.StatusOK, Warnings: warnings, Body: metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
		Status:   metav1.StatusSuccess,
		Details:  &metav1.StatusDetails{Name: poolName, Group: group, Kind: resource, UID: "{uid}"},
	}}
}

// rejected is the answer to a request that is rejected. Details may be nil.
func rejected(code int32, reason metav1.StatusReason, details *metav1.StatusDetails, message string) answer {
	return answer{Code: int(code), Body: metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
		Status:   metav1.StatusFailure, Code: code, Reason: reason, Message: message, Details: details,
	}}
}

func badRequest(message string) answer {
	return rejected(http.StatusBadRequest, metav1.StatusReasonBadRequest, nil, message)
}

func badSelector() answer {
	return badRequest("unable to parse requirement: found '=', expected: identifier")
}

// otherName is the answer to a pool whose name differs from the name in its URL, 10.0.1.0-24.
func otherName() answer {
	return badRequest("the name of the object (10.0.1.0-24) does not match the name on the URL (10.0.0.0-24)")
}

func otherNamespace() answer {
	return badRequest("the namespace of the provided object does not match the namespace sent on the request")
}

// otherKind is the answer to 10.0.0.0-24 with another kind.
func otherKind(name string) answer {
	return invalidObject(metav1.StatusDetails{Name: poolName, Group: group, Kind: name}, invalidValue("kind", `"`+name+`": must be IPPool`))
}

func notFound() answer {
	return rejected(http.StatusNotFound, metav1.StatusReasonNotFound, thePool(), `ippools.whereabouts.cni.cncf.io "10.0.0.0-24" not found`)
}

func unsupportedMediaType(accepted string) answer {
	return rejected(http.StatusUnsupportedMediaType, metav1.StatusReasonUnsupportedMediaType, nil,
		"the body of the request was in an unknown format - accepted media types include: "+accepted)
}

// conflict is the answer to an update of a version that is not the latest.
func conflict() answer {
	return rejected(http.StatusConflict, metav1.StatusReasonConflict, thePool(), `Operation cannot be fulfilled on `+
		`ippools.whereabouts.cni.cncf.io "10.0.0.0-24": the object has been modified; please apply your changes to the latest version and try again`)
}

// thePool are the details of an answer about 10.0.0.0-24, with its name in the URL.
func thePool() *metav1.StatusDetails {
	return &metav1.StatusDetails{Name: poolName, Group: group, Kind: resource}
}

// invalid is the answer of the API server to a 10.0.0.0-24 that violates the schema.
func invalid(causes ...metav1.StatusCause) answer {
	return invalidObject(metav1.StatusDetails{Name: poolName, Group: group, Kind: kind}, causes...)
}

// invalidOptions is the answer of the API server to invalid query parameters.
func invalidOptions(kind string, causes ...metav1.StatusCause) answer {
	return invalidObject(metav1.StatusDetails{Group: "meta.k8s.io", Kind: kind}, causes...)
}

// invalidObject is the answer of the API server to an object that it can decode and rejects.
func invalidObject(about metav1.StatusDetails, causes ...metav1.StatusCause) answer {
	var list []string
	for _, cause := range causes {
		list = append(list, cause.Field+": "+cause.Message)
	}
	all := strings.Join(list, ", ")
	if len(list) > 1 {
		all = "[" + all + "]"
	}
	about.Causes = causes
	return rejected(http.StatusUnprocessableEntity, metav1.StatusReasonInvalid, &about,
		fmt.Sprintf("%s %q is invalid: %s", schema.GroupKind{Group: about.Group, Kind: about.Kind}, about.Name, all))
}

// denied is the answer to a 10.0.0.0-24 that violates rules.
func denied(causes ...metav1.StatusCause) answer { return byWebhook(invalid(causes...)) }

// byWebhook returns a denial of the validating webhook for users as the API server returns it.
func byWebhook(a answer) answer {
	status, _ := a.Body.(metav1.Status)
	status.Message = `admission webhook "users.validate.ippool-webhook" denied the request: ` + status.Message
	a.Body = status
	return a
}

// warning returns an answer with warnings.
func (a answer) warning(warnings ...string) answer {
	a.Warnings = warnings
	return a
}
