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

// leavingBody is a body whose client leaves when it has been sent.
type leavingBody struct {
	io.Reader
	leave context.CancelFunc
}

func (b leavingBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil {
		b.leave()
	}
	return n, err
}

// TestWorkStopsWhenTheClientLeaves sends reviews, small and large, and leaves: they are not evaluated, and so not counted.
func TestWorkStopsWhenTheClientLeaves(t *testing.T) {
	registry := prometheus.NewRegistry()
	handlers := newHandlers(t, registry, zap.New(zap.WriteTo(io.Discard)))
	for name, n := range map[string]int{"small": 3, "large": 8000} {
		for path, handler := range handlers {
			t.Run(name+path, func(t *testing.T) {
				body := admissiontest.Body(admissiontest.NewReview(admissionv1.Update, admissiontest.NewPool(n), admissiontest.NewPool(n-1)))
				ctx, leave := context.WithCancel(t.Context())
				request := httptest.NewRequestWithContext(ctx, http.MethodPost, path, leavingBody{bytes.NewReader(body), leave})
				request.Header.Set("Content-Type", "application/json")
				request.ContentLength = int64(len(body))
				response := httptest.NewRecorder()
				handler.ServeHTTP(response, request)
				if response.Code != http.StatusServiceUnavailable {
					t.Errorf("answered %d %.200s", response.Code, response.Body)
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
				t.Errorf("%s counts %v for %v", family.GetName(), n, metric.GetLabel())
			}
		}
	}
}

// TestLogLinesAreBounded gives names of several MiB, which must not be repeated in the log nor in the answer.
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
			t.Fatalf("answered %d %.200s", response.Code, response.Body)
		}
		if size := response.Body.Len(); size > 8<<10 {
			t.Errorf("answered with %d bytes", size)
		}
		if lines := bytes.Count(logged.Bytes(), []byte("\n")); lines != 1 || logged.Len() > 4<<10 {
			t.Errorf("logged %d lines, %d bytes", lines, logged.Len())
		}
	}
}
