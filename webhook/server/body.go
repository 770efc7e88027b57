package server

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"os"
	"time"
)

const (
	// maxBody bounds a request's body, in bytes. etcd stores objects of up to 1.5 MiB (--max-request-bytes), and a review of
	// an update carries two. The API server writes each <, > and & in them in six bytes (encoding/json). In a
	// pool, only annotations have such characters, and have at most 256 KiB together (TotalAnnotationSizeLimitB of
	// k8s.io/apimachinery): 5.5 MiB for two objects.
	maxBody = 7 << 20
	// maxIdleBody is the size of the largest buffer of a body that is kept for the next request, in bytes.
	maxIdleBody = 4 << 20
)

// httpError is the response to a request that is not answered with an AdmissionReview.
type httpError struct {
	status  int
	message string
}

// checkHeader rejects a request that cannot be an AdmissionReview before its body is read.
func checkHeader(r *http.Request) *httpError {
	if r.Method != http.MethodPost {
		return &httpError{http.StatusMethodNotAllowed, "method " + r.Method + " is not allowed: must be POST"}
	}
	if contentType := r.Header.Get("Content-Type"); contentType != "application/json" {
		if media, _, err := mime.ParseMediaType(contentType); err != nil || media != "application/json" {
			return &httpError{http.StatusUnsupportedMediaType, fmt.Sprintf("Content-Type %.64q is not supported: must be application/json", contentType)}
		}
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return &httpError{http.StatusUnsupportedMediaType, fmt.Sprintf("Content-Encoding %.64q is not supported: must be absent", encoding)}
	}
	if r.ContentLength > maxBody {
		return tooLarge()
	}
	return nil
}

// overloaded is the error for a request that cannot be answered in time, or whose client has closed the connection.
func overloaded() *httpError {
	return &httpError{http.StatusServiceUnavailable, "too many requests at a time: try again"}
}

// bodyError says why a body could not be read within a time.
func bodyError(err error, timeout time.Duration) *httpError {
	_, isTooLarge := errors.AsType[*http.MaxBytesError](err)
	switch {
	case isTooLarge:
		return tooLarge()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &httpError{http.StatusRequestTimeout, fmt.Sprintf("the body did not arrive within %s", timeout)}
	default:
		return &httpError{http.StatusBadRequest, "the body cannot be read: " + err.Error()}
	}
}

func tooLarge() *httpError {
	return &httpError{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes", maxBody)}
}
