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
	// an update carries two. The API server writes each <, > and & of them in six bytes (encoding/json): of what is in a
	// pool, only annotations have such characters, and all of them together at most 256 KiB (TotalAnnotationSizeLimitB of
	// k8s.io/apimachinery), which makes 5.5 MiB for two.
	maxBody = 7 << 20
	// maxIdleBody is how large a body's buffer may be to be kept for the next request.
	maxIdleBody = 4 << 20
)

// refusal is a request that is no admission request, and the HTTP status that says so.
type refusal struct {
	status  int
	message string
}

// checkHeader refuses what cannot be an admission request before its body is read.
func checkHeader(r *http.Request) *refusal {
	if r.Method != http.MethodPost {
		return &refusal{http.StatusMethodNotAllowed, "method " + r.Method + " is not allowed, want POST"}
	}
	if contentType := r.Header.Get("Content-Type"); contentType != "application/json" {
		if media, _, err := mime.ParseMediaType(contentType); err != nil || media != "application/json" {
			return &refusal{http.StatusUnsupportedMediaType, fmt.Sprintf("Content-Type %.64q is not supported, want application/json", contentType)}
		}
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return &refusal{http.StatusUnsupportedMediaType, fmt.Sprintf("Content-Encoding %.64q is not supported, want none", encoding)}
	}
	if r.ContentLength > maxBody {
		return tooLarge()
	}
	return nil
}

// overloaded is a request that was not answered in time, or that nobody waits for any more.
func overloaded() *refusal {
	return &refusal{http.StatusServiceUnavailable, "too many large requests at a time, try again"}
}

// bodyError says why a body could not be read within a time.
func bodyError(err error, timeout time.Duration) *refusal {
	_, isTooLarge := errors.AsType[*http.MaxBytesError](err)
	switch {
	case isTooLarge:
		return tooLarge()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &refusal{http.StatusRequestTimeout, fmt.Sprintf("the body did not arrive within %s", timeout)}
	default:
		return &refusal{http.StatusBadRequest, "the body cannot be read: " + err.Error()}
	}
}

func tooLarge() *refusal {
	return &refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes", maxBody)}
}
