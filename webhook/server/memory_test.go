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

// TestMemoryIsGivenBack answers many large requests, each with fewer allocations than the one before, so that what is kept
// of one is not overwritten by the next.
func TestMemoryIsGivenBack(t *testing.T) {
	t.Run("of allocations", func(t *testing.T) { testMemoryIsGivenBack(t, false) })
	t.Run("of allocations that are given again", func(t *testing.T) { testMemoryIsGivenBack(t, true) })
}

func testMemoryIsGivenBack(t *testing.T, overwritten bool) {
	t.Helper()
	const requests, large, limit = 24, 5 << 20, 48 << 20
	handler := newHandler(t)
	annotation := strings.Repeat("x", large)
	before := heap()
	for i := range requests {
		pool := admissiontest.NewPool(requests - i)
		pool.Annotations = map[string]string{"large": "ANNOTATION"}
		body := string(admissiontest.Body(admissiontest.NewReview(admissionv1.Create, pool, nil)))
		if overwritten {
			body = strings.Replace(body, `}}},"oldObject"`, `},"allocations":{}}},"oldObject"`, 1)
		}
		body = strings.Replace(body, "ANNOTATION", annotation, 1)
		request := httptest.NewRequest(http.MethodPost, server.ValidatePath, strings.NewReader(body))
		request.Header.Set("Content-Type", "application/json")
		response := httptest.NewRecorder()
		handler.ServeHTTP(response, request)
		if response.Code != http.StatusOK {
			t.Fatalf("answered %d %s", response.Code, response.Body)
		}
	}
	if after := heap(); after > before+limit {
		t.Errorf("%d requests of %d MiB leave %d MiB in use", requests, large>>20, (after-before)>>20)
	}
	runtime.KeepAlive(handler)
}

func heap() uint64 {
	runtime.GC()
	runtime.GC() // the first only empties the pools of buffers
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
