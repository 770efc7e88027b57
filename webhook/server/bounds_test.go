package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	admissionv1 "k8s.io/api/admission/v1"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"ippool-webhook/webhook/admissiontest"
	"ippool-webhook/webhook/server"
)

// disconnectingBody is a body whose client disconnects at the end of the body.
type disconnectingBody struct {
	io.Reader
	disconnect context.CancelFunc
}

func (b disconnectingBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil {
		b.disconnect()
	}
	return n, err
}

// TestWorkStopsWhenTheClientDisconnects sends small and large reviews and disconnects. The server must not evaluate and not count
// them.
func TestWorkStopsWhenTheClientDisconnects(t *testing.T) {
	registry := prometheus.NewRegistry()
	handlers := newHandlers(t, registry, zap.New(zap.WriteTo(io.Discard)))
	for name, n := range map[string]int{"small": 3, "large": 8000} {
		for path, handler := range handlers {
			t.Run(name+path, func(t *testing.T) {
				body := admissiontest.Body(admissiontest.NewReview(admissionv1.Update, admissiontest.NewPool(n), admissiontest.NewPool(n-1)))
				ctx, disconnect := context.WithCancel(t.Context())
				request := httptest.NewRequestWithContext(ctx, http.MethodPost, path, disconnectingBody{bytes.NewReader(body), disconnect})
				request.Header.Set("Content-Type", "application/json")
				request.ContentLength = int64(len(body))
				response := httptest.NewRecorder()
				handler.ServeHTTP(response, request)
				if response.Code != http.StatusServiceUnavailable {
					t.Errorf("the response is %d %.200s, want %d", response.Code, response.Body, http.StatusServiceUnavailable)
				}
			})
		}
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			if n := metric.GetCounter().GetValue(); n > 0 {
				t.Errorf("%s%v is %v, want 0", family.GetName(), metric.GetLabel(), n)
			}
		}
	}
}

// TestLogLinesAreBounded sends names of hundreds of KiB. Neither the log nor the response may repeat them.
func TestLogLinesAreBounded(t *testing.T) {
	long := strings.Repeat("é\x1b", 1<<17)
	review := admissiontest.NewReview(admissionv1.Create, `{"apiVersion":"whereabouts.cni.cncf.io/v1alpha1","kind":"IPPool"}`, nil)
	review.Request.UserInfo.Username, review.Request.Name, review.Request.Namespace = long, long, long
	var logged bytes.Buffer
	validate := newHandlers(t, prometheus.NewRegistry(), zap.New(zap.WriteTo(&logged)))[server.ValidatePath]
	for _, operation := range []admissionv1.Operation{admissionv1.Create, admissionv1.Operation(long)} {
		logged.Reset()
		review.Request.Operation = operation
		request := httptest.NewRequest(http.MethodPost, server.ValidatePath, bytes.NewReader(admissiontest.Body(review)))
		request.Header.Set("Content-Type", "application/json")
		response := httptest.NewRecorder()
		validate.ServeHTTP(response, request)
		var answer admissionv1.AdmissionReview
		if err := json.Unmarshal(response.Body.Bytes(), &answer); err != nil || answer.Response == nil || answer.Response.Allowed {
			t.Fatalf("the response is %d %.200s, want a denial", response.Code, response.Body)
		}
		if size := response.Body.Len(); size > 8<<10 {
			t.Errorf("the response has %d bytes, want at most %d", size, 8<<10)
		}
		if lines := bytes.Count(logged.Bytes(), []byte("\n")); lines != 1 || logged.Len() > 4<<10 {
			t.Errorf("logged %d lines and %d bytes, want 1 line and at most %d bytes", lines, logged.Len(), 4<<10)
		}
	}
}
