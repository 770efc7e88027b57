package server_test

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"

	"ippool-webhook/webhook/admissiontest"
	"ippool-webhook/webhook/server"
)

// TestMemoryIsReleased sends many large requests. Each request has fewer allocations than the one before: memory that the server
// wrongly keeps for one request is not overwritten by the next.
func TestMemoryIsReleased(t *testing.T) {
	t.Run("allocations", func(t *testing.T) { testMemoryIsReleased(t, false) })
	t.Run("allocations twice in one object", func(t *testing.T) { testMemoryIsReleased(t, true) })
}

func testMemoryIsReleased(t *testing.T, twice bool) {
	t.Helper()
	const requests, large, limit = 24, 5 << 20, 48 << 20
	handler := newHandler(t)
	annotation := strings.Repeat("x", large)
	before := heap()
	for i := range requests {
		pool := admissiontest.NewPool(requests - i)
		pool.Annotations = map[string]string{"large": "ANNOTATION"}
		body := string(admissiontest.Body(admissiontest.NewReview(admissionv1.Create, pool, nil)))
		if twice {
			body = strings.Replace(body, `}}},"oldObject"`, `},"allocations":{}}},"oldObject"`, 1)
		}
		body = strings.Replace(body, "ANNOTATION", annotation, 1)
		request := httptest.NewRequest(http.MethodPost, server.ValidatePath, strings.NewReader(body))
		request.Header.Set("Content-Type", "application/json")
		response := httptest.NewRecorder()
		handler.ServeHTTP(response, request)
		if response.Code != http.StatusOK {
			t.Fatalf("the response is %d %s, want %d", response.Code, response.Body, http.StatusOK)
		}
	}
	if after := heap(); after > before+limit {
		t.Errorf("after %d requests of %d MiB, %d MiB are in use, want at most %d MiB", requests, large>>20, (after-before)>>20, limit>>20)
	}
	runtime.KeepAlive(handler)
}

func heap() uint64 {
	runtime.GC()
	runtime.GC() // a sync.Pool frees its buffers only in the second collection
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
