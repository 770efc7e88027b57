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
	// maxBody is the maximum size of a request body, in bytes. etcd stores objects of up to 1.5 MiB (--max-request-bytes), and the
	// review of an update contains two. The API server writes each <, > and & as six bytes (encoding/json). In a pool, only
	// annotations contain these characters. All annotations of an object have at most 256 KiB (TotalAnnotationSizeLimitB of
	// k8s.io/apimachinery). The largest review of an update thus has 5.5 MiB.
	maxBody = 7 << 20
	// maxIdleBody is the size of the largest body buffer that is kept for the next request, in bytes.
	maxIdleBody = 4 << 20
)

// httpError is a response that is not an AdmissionReview.
type httpError struct {
	status  int
	message string
}

// checkHeader rejects a request that cannot be an AdmissionReview, before its body is read.
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

// overloaded is the error for a request that cannot be answered in time. It is also the error, which no client receives, if the client
// has closed the connection.
func overloaded() *httpError {
	return &httpError{http.StatusServiceUnavailable, "too many requests at a time: try again"}
}

// bodyError returns the response to an error of reading a body.
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
