package server_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap/zapcore"
	admissionv1 "k8s.io/api/admission/v1"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"ippool-webhook/webhook/admissiontest"
	"ippool-webhook/webhook/admissiontest/typed"
	"ippool-webhook/webhook/server"
)

// BenchmarkAdmission compares three implementations with the same bodies in the same run: the handler, the typed validator of
// controller-runtime, and a loop that only reads each token of the body. A token decoder cannot be faster than the loop.
func BenchmarkAdmission(b *testing.B) {
	implementations := []struct {
		name string
		run  func(*testing.B, []byte)
	}{
		{"ours", benchmarkHandler(newHandler(b))},
		{"typed", benchmarkHandler(typed.NewHandler())},
		{"tokens", benchmarkTokens},
	}
	for _, operation := range []admissionv1.Operation{admissionv1.Create, admissionv1.Update} {
		for _, n := range []int{16, 254, 8000} {
			for _, state := range []string{"healthy", "findings"} {
				body := benchmarkReview(operation, n, state == "findings")
				for _, implementation := range implementations {
					b.Run(fmt.Sprintf("op=%s/n=%d/pool=%s/impl=%s", operation, n, state, implementation.name), func(b *testing.B) {
						b.SetBytes(int64(len(body)))
						b.ReportAllocs()
						implementation.run(b, body)
					})
				}
			}
		}
	}
}

// benchmarkReview returns the review of a pod start: Whereabouts creates a pool, or adds one allocation to it. With findings, every
// eighth allocation breaks a rule, and always the added one.
func benchmarkReview(operation admissionv1.Operation, n int, findings bool) []byte {
	old := admissiontest.NewPool(n)
	pool := old.Clone()
	pool.Spec.Allocations[strconv.Itoa(n+1)] = admissiontest.NewAllocation(n + 1)
	if findings {
		for offset := n + 1; offset > 0; offset -= 8 {
			a := pool.Spec.Allocations[strconv.Itoa(offset)]
			a.PodRef = "no-namespace"
			pool.Spec.Allocations[strconv.Itoa(offset)] = a
		}
	}
	if operation == admissionv1.Create {
		return admissiontest.Body(admissiontest.NewReview(operation, pool, nil))
	}
	return admissiontest.Body(admissiontest.NewReview(operation, pool, old))
}

func newHandler(tb testing.TB) http.Handler {
	tb.Helper()
	log := zap.New(zap.WriteTo(io.Discard), zap.Level(zapcore.InfoLevel))
	return newHandlers(tb, prometheus.NewRegistry(), log)[server.ValidatePath]
}

func benchmarkHandler(handler http.Handler) func(*testing.B, []byte) {
	return func(b *testing.B, body []byte) {
		reader := bytes.NewReader(body)
		request := httptest.NewRequest(http.MethodPost, server.ValidatePath, nil)
		request.Header.Set("Content-Type", "application/json")
		request.ContentLength = int64(len(body))
		response := &discard{header: http.Header{}}
		for b.Loop() {
			reader.Reset(body)
			request.Body = io.NopCloser(reader)
			handler.ServeHTTP(response, request)
			if response.status != 0 {
				b.Fatalf("status %d", response.status)
			}
		}
	}
}

func benchmarkTokens(b *testing.B, body []byte) {
	var dec jsontext.Decoder
	for b.Loop() {
		dec.Reset(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true))
		for {
			if _, err := dec.ReadToken(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}

// discard is a ResponseWriter that stores nothing: the benchmark must measure only the handler. Like a connection, it accepts
// deadlines.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }

func (*discard) SetReadDeadline(time.Time) error  { return nil }
func (*discard) SetWriteDeadline(time.Time) error { return nil }
