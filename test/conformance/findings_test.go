package conformance

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// reserved is the warning about offset 0 of 10.0.0.0-24.
const reserved = `spec.allocations[0]: Invalid value: "0": must not be the first or the last address of 10.0.0.0/24, which Whereabouts never assigns (rule offset-reserved)`

// The warnings about pools that are normalized.
const (
	noAllocations = "spec.allocations: stored as {}, because the schema requires it"
	trimmed       = `spec.range: stored as 10.0.0.0/24 instead of " 10.0.0.0/24" (rule range-syntax)`
)

// stored is the warning about an allocation that is stored with another key.
func stored(key, instead string) string {
	return "spec.allocations[" + key + "]: stored under key " + `"` + instead + `" (rule offset-syntax)`
}

// outOfRange is the reason why offset 300 of 10.0.0.0-24 is denied.
func outOfRange() metav1.StatusCause {
	return metav1.StatusCause{
		Type:    metav1.CauseTypeFieldValueInvalid,
		Message: `Invalid value: "300": must be at most 255, the last offset that Whereabouts can use in 10.0.0.0/24 (rule offset-out-of-range)`,
		Field:   "spec.allocations[300]",
	}
}

// moved is the reason why the allocation at offset 1 of 10.0.0.0-24 cannot have another offset.
func moved(key string) metav1.StatusCause {
	return invalidValue("spec.allocations["+key+"]", `"`+key+`": pod default/web-0 uses the address at offset 1; its allocation must stay there (rule allocation-moved)`)
}

// stillInUse is the reason why a pool with an allocation cannot be deleted. It ends with what allows the deletion.
func stillInUse(allow string) metav1.StatusCause {
	return metav1.StatusCause{
		Type:    metav1.CauseTypeForbidden,
		Message: "Forbidden: 1 allocation is in use (default/web-0); Whereabouts would assign its address to another pod; " + allow + " (rule delete-in-use)",
		Field:   "spec.allocations",
	}
}

// annotate is the end of stillInUse for a pool without the annotation that allows the deletion.
func annotate(pool string) string {
	return "to delete the pool anyway: kubectl annotate ippool " + pool + " -n {namespace} ippool-webhook/allow-delete=true"
}

// rangeRequired is the reason why a pool without a range is denied, with the missing field.
func rangeRequired(field string) metav1.StatusCause {
	return metav1.StatusCause{
		Type:    metav1.CauseTypeFieldValueRequired,
		Message: `Required value: must have a range, such as range: 10.0.0.0/24 (rule range-required)`,
		Field:   field,
	}
}

// required is a cause of the schema.
func required(field string) metav1.StatusCause {
	return metav1.StatusCause{Type: metav1.CauseTypeFieldValueRequired, Message: "Required value", Field: field}
}

// wrongType is a cause of the schema.
func wrongType(field, got, want string) metav1.StatusCause {
	return metav1.StatusCause{
		Type:    metav1.CauseTypeTypeInvalid,
		Message: `Invalid value: "` + got + `": ` + field + ` in body must be of type ` + want + `: "` + got + `"`,
		Field:   field,
	}
}

// invalidValue is a cause about a value.
func invalidValue(field, message string) metav1.StatusCause {
	return metav1.StatusCause{Type: metav1.CauseTypeFieldValueInvalid, Message: "Invalid value: " + message, Field: field}
}

// unsupportedValue is a cause about a value that is not one of the supported values.
func unsupportedValue(field, message string) metav1.StatusCause {
	return metav1.StatusCause{Type: metav1.CauseTypeFieldValueNotSupported, Message: "Unsupported value: " + message, Field: field}
}

// asWarning returns the warning for a cause that does not deny the request.
func asWarning(cause metav1.StatusCause) string {
	return cause.Field + ": " + strings.TrimPrefix(cause.Message, "Forbidden: ")
}
