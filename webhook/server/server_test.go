package server_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	certutil "k8s.io/client-go/util/cert"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"ippool-webhook/certs"
	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/admissiontest"
	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/server"
)

// awaitTimeout is the maximum time that a test waits for an event.
const awaitTimeout = 30 * time.Second

// running is a server to which a test connects over TLS.
type running struct {
	address string
	probes  string
	trust   *x509.CertPool
	log     *lines
	stop    context.CancelFunc
	stopped chan error
}

// start runs a server with the default policy until the test ends, and waits until it is ready.
func start(t *testing.T) *running {
	t.Helper()
	return startWithLimits(t, server.DefaultLimits())
}

// startWithLimits is start for tests of the limits.
func startWithLimits(t *testing.T, limits server.Limits) *running {
	t.Helper()
	return startReady(t, limits, 100*time.Millisecond)
}

// startWithDrain is start for tests of the drain.
func startWithDrain(t *testing.T, quiet time.Duration) *running {
	t.Helper()
	return startReady(t, server.DefaultLimits(), quiet)
}

func startReady(t *testing.T, limits server.Limits, quiet time.Duration) *running {
	t.Helper()
	certificate, err := devCertificate()
	if err != nil {
		t.Fatal(err)
	}
	s := startWith(t, certificate.source, limits, quiet)
	s.trust = certificate.trust
	s.awaitReady(t)
	return s
}

// trusted is a certificate for localhost and its CA.
type trusted struct {
	source *certs.Source
	trust  *x509.CertPool
}

// devCertificate creates a certificate for all servers of the tests: creating a certificate takes longer than starting a server.
var devCertificate = sync.OnceValues(func() (trusted, error) { //nolint:gochecknoglobals // set once and never changed
	dir, err := os.MkdirTemp("", "ippool-webhook")
	if err != nil {
		return trusted{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	source, err := certs.NewDev(dir)
	if err != nil {
		return trusted{}, err
	}
	ca, err := os.ReadFile(filepath.Join(dir, certs.CAFile))
	if err != nil {
		return trusted{}, err
	}
	trust := x509.NewCertPool()
	if !trust.AppendCertsFromPEM(ca) {
		return trusted{}, fmt.Errorf("%s is not a certificate", ca)
	}
	return trusted{source, trust}, nil
})

func newEvaluator(tb testing.TB) *admission.Evaluator {
	tb.Helper()
	evaluator, err := admission.NewEvaluator(policy.Default())
	if err != nil {
		tb.Fatal(err)
	}
	return evaluator
}

// newHandlers returns the handler of each path.
func newHandlers(tb testing.TB, registry prometheus.Registerer, log logr.Logger) map[string]http.Handler {
	tb.Helper()
	handlers, err := server.Handlers(newEvaluator(tb), server.DefaultLimits(), registry, log)
	if err != nil {
		tb.Fatal(err)
	}
	return handlers
}

func startWith(t *testing.T, source *certs.Source, limits server.Limits, quiet time.Duration) *running {
	t.Helper()
	evaluator := newEvaluator(t)
	ctx, stop := context.WithCancel(t.Context())
	s := &running{address: freeAddress(t), probes: freeAddress(t), log: &lines{}, stop: stop, stopped: make(chan error, 1)}
	host, port, _ := net.SplitHostPort(s.address)
	number, _ := strconv.Atoi(port)
	go func() {
		s.stopped <- server.Run(ctx, server.Options{
			BindAddress: host, Port: number, MetricsBindAddress: "0", HealthProbeBindAddress: s.probes,
			Certificates: source, Evaluator: evaluator, Limits: limits, DrainQuietPeriod: quiet,
			Log: zap.New(zap.WriteTo(s.log)), Registry: prometheus.NewRegistry(),
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-s.stopped; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	return s
}

func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 5*time.Millisecond, awaitTimeout, true, func(context.Context) (bool, error) {
		return condition(), nil
	})
	if err != nil {
		t.Fatalf("waiting for %s: %v", what, err)
	}
}

// probe returns the status code of a health endpoint, or 0 if it does not respond.
func (s *running) probe(endpoint string) int {
	response, err := http.Get("http://" + s.probes + "/" + endpoint)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// awaitReady waits until the server is ready.
func (s *running) awaitReady(t *testing.T) {
	t.Helper()
	await(t, "readiness", func() bool { return s.probe("readyz") == http.StatusOK })
}

func (s *running) client() *http.Client {
	return &http.Client{
		Timeout:   awaitTimeout,
		Transport: &http.Transport{TLSClientConfig: s.tls(), ForceAttemptHTTP2: true},
	}
}

func (s *running) tls() *tls.Config { return &tls.Config{RootCAs: s.trust, ServerName: "localhost"} }

// post sends a body to the path of enforce mode, and returns the status code and the body of the response.
func (s *running) post(t *testing.T, header http.Header, body io.Reader) (int, string) {
	t.Helper()
	return s.postTo(t, server.ValidatePath, header, body)
}

func (s *running) postTo(t *testing.T, path string, header http.Header, body io.Reader) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+s.address+path, body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header
	client := s.client()
	defer client.CloseIdleConnections() // otherwise the server waits a second for HTTP/2 connections when it exits
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// checkAnswers sends a valid review and checks that the server allows it.
func (s *running) checkAnswers(t *testing.T) {
	t.Helper()
	body := admissiontest.Body(admissiontest.NewReview(admissionv1.Create, admissiontest.NewPool(3), nil))
	status, text := s.post(t, asJSON(), bytes.NewReader(body))
	if response := decodeResponse(t, status, text); !response.Allowed {
		t.Errorf("a valid pool is denied: %+v", response)
	}
}

func decodeResponse(t *testing.T, status int, text string) *admissionv1.AdmissionResponse {
	t.Helper()
	var review admissionv1.AdmissionReview
	if err := json.Unmarshal([]byte(text), &review); status != http.StatusOK || err != nil || review.Response == nil {
		t.Fatalf("the response is %d %s, want an AdmissionReview", status, text)
	}
	return review.Response
}

func asJSON() http.Header { return http.Header{"Content-Type": {"application/json"}} }

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// lines collects log lines.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// with returns the lines that contain a text.
func (l *lines) with(text string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []string
	for line := range strings.Lines(l.text.String()) {
		if strings.Contains(line, text) {
			found = append(found, line)
		}
	}
	return found
}

func TestBadInputIsAnswered(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, test := range badInputs() {
		t.Run(test.name, func(t *testing.T) {
			header := asJSON()
			maps.Copy(header, test.header)
			status, text := s.post(t, header, test.body())
			if status != test.status {
				t.Fatalf("the response is %d %.300s, want %d", status, text, test.status)
			}
			if test.status == http.StatusOK {
				text = denial(t, decodeResponse(t, status, text), test.code)
			}
			if !strings.Contains(text, test.message) {
				t.Errorf("the response is %.500s\nwant %s", text, test.message)
			}
			s.checkAnswers(t)
		})
	}
	if panics := s.log.with("panic"); len(panics) > 0 {
		t.Errorf("logged panics: %s", panics)
	}
}

// denial checks that a response has a uid and the code, and returns the message. Code 200 means that the request is allowed.
func denial(t *testing.T, response *admissionv1.AdmissionResponse, code int32) string {
	t.Helper()
	if response.UID == "" {
		t.Error("the response has no uid")
	}
	if code == http.StatusOK {
		if !response.Allowed {
			t.Errorf("the request is denied: %s", response.Result.Message)
		}
		return ""
	}
	if response.Allowed || response.Result == nil || response.Result.Code != code {
		t.Fatalf("the response is %+v, want code %d", response, code)
	}
	return response.Result.Message
}

type badInput struct {
	name    string
	header  http.Header
	body    func() io.Reader
	status  int
	code    int32 // code of the response if status is 200
	message string
}

func badInputs() []badInput {
	is := func(text string) func() io.Reader { return func() io.Reader { return strings.NewReader(text) } }
	chunked := func(text string) func() io.Reader {
		return func() io.Reader { return io.MultiReader(strings.NewReader(text)) }
	}
	object := func(operation admissionv1.Operation, object, old any) func() io.Reader {
		return is(string(admissiontest.Body(admissiontest.NewReview(operation, object, old))))
	}
	withSpec := func(spec string) func() io.Reader {
		return object(admissionv1.Create, `{"apiVersion":"whereabouts.cni.cncf.io/v1alpha1","kind":"IPPool","metadata":{"name":"10.0.0.0-24"},"spec":`+spec+`}`, nil)
	}
	good := string(admissiontest.Body(admissiontest.NewReview(admissionv1.Create, admissiontest.NewPool(3), nil)))
	pod := admissiontest.NewReview(admissionv1.Create, `{"apiVersion":"v1","kind":"Pod"}`, nil)
	pod.Request.Kind.Group, pod.Request.Kind.Version, pod.Request.Kind.Kind = "", "v1", "Pod"
	tooLarge := `{"apiVersion":"` + strings.Repeat("x", 7<<20) + `"}`
	return []badInput{
		{"empty body", nil, is(""), 400, 0, "the body is empty: must be an AdmissionReview"},
		{"truncated", nil, is(good[:len(good)/2]), 400, 0, ""},
		{"binary", nil, is("\x00\xff\xfe\x01"), 400, 0, ""},
		{"gzip without Content-Encoding", nil, is("\x1f\x8b\x08\x00\x00\x00\x00\x00"), 400, 0, ""},
		{"gzip", http.Header{"Content-Encoding": {"gzip"}}, is(good), 415, 0, `Content-Encoding "gzip" is not supported`},
		{"another Content-Type", http.Header{"Content-Type": {"text/plain"}}, is(good), 415, 0, `Content-Type "text/plain" is not supported: must be application/json`},
		{"no Content-Type", http.Header{"Content-Type": nil}, is(good), 415, 0, `must be application/json`},
		{"JSON with a charset", http.Header{"Content-Type": {"application/json; charset=utf-8"}}, is(good), 200, 200, ""},
		{"too large", nil, is(tooLarge), 413, 0, "larger than 7340032 bytes"},
		{"too large without Content-Length", nil, chunked(tooLarge), 413, 0, "larger than 7340032 bytes"},
		{"a list", nil, is("[]"), 400, 0, "the body must be an object, not a list"},
		{"two values", nil, is(good + good), 400, 0, "data follows the JSON value"},
		{"nested too deep", nil, is(`{"a":` + strings.Repeat("[", 200_000)), 400, 0, ""},
		{"another kind of review", nil, is(`{"apiVersion":"admission.k8s.io/v1","kind":"Pod","request":{"uid":"u"}}`), 400, 0, `must be "AdmissionReview" of "admission.k8s.io/v1"`},
		{"v1beta1", nil, is(strings.Replace(good, "admission.k8s.io/v1", "admission.k8s.io/v1beta1", 1)), 400, 0, `"admission.k8s.io/v1beta1"`},
		{"no request", nil, is(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}`), 400, 0, "has no request with a uid"},
		{"no uid", nil, is(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{}}`), 400, 0, "has no request with a uid"},
		{"uid is a number", nil, is(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":5}}`), 400, 0, "request.uid must be a string, not a number"},
		{"create without object", nil, object(admissionv1.Create, nil, nil), 200, 400, "request.object is absent: must be an IPPool"},
		{"delete without old object", nil, object(admissionv1.Delete, nil, nil), 200, 400, "request.oldObject is absent: must be an IPPool"},
		{"connect", nil, object(admissionv1.Connect, admissiontest.NewPool(1), nil), 200, 400, `request.operation is "CONNECT": must be CREATE, UPDATE or DELETE`},
		{"another kind", nil, is(string(admissiontest.Body(pod))), 200, 400, `request.kind is "Pod"`},
		{"object of another kind", nil, object(admissionv1.Create, `{"apiVersion":"v1","kind":"Pod"}`, nil), 200, 400, `request.object is "Pod" of "v1": must be "IPPool" of "whereabouts.cni.cncf.io/v1alpha1"`},
		{"object of another version", nil, object(admissionv1.Create, `{"apiVersion":"whereabouts.cni.cncf.io/v2","kind":"IPPool"}`, nil), 200, 400, `"whereabouts.cni.cncf.io/v2"`},
		{"object is a string", nil, object(admissionv1.Create, `"pool"`, nil), 200, 400, "object must be an object, not a string"},
		{"allocations are a list", nil, withSpec(`{"range":"10.0.0.0/24","allocations":[]}`), 200, 422, "spec.allocations: Invalid value: \"array\": spec.allocations in body must be of type object: \"array\" (rule field-type)"},
		{"allocations are strings", nil, withSpec(`{"range":"10.0.0.0/24","allocations":{"1":"pod"}}`), 200, 422, "spec.allocations[1]: Invalid value: \"string\": spec.allocations[1] in body must be of type object: \"string\" (rule field-type)"},
		{"podref is a number", nil, withSpec(`{"range":"10.0.0.0/24","allocations":{"1":{"id":"a","podref":7}}}`), 200, 422, "spec.allocations[1].podref: Invalid value: \"integer\": spec.allocations[1].podref in body must be of type string: \"integer\" (rule field-type)"},
		{"no spec", nil, object(admissionv1.Create, `{"apiVersion":"whereabouts.cni.cncf.io/v1alpha1","kind":"IPPool"}`, nil), 200, 422, "(rule range-required)"},
		{"decimal key of 10,000 bytes", nil, withSpec(`{"range":"10.0.0.0/24","allocations":{"` + strings.Repeat("9", 10_000) + `":{"id":"a","podref":"a/b"}}}`), 200, 422, "(rule offset-out-of-range)"},
		{"60,000 invalid allocations", nil, withSpec(`{"range":"10.0.0.0/24","allocations":{` + manyAllocations(60_000) + `}}`), 200, 422, "and 179712 more findings"},
	}
}

// manyAllocations returns n allocations without podref, each with leading zeros in its key.
func manyAllocations(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"%07d":{"id":"%d"}`, i, i)
	}
	return b.String()[1:]
}

func TestMethods(t *testing.T) {
	t.Parallel()
	s := start(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+s.address+server.ValidatePath, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := s.client()
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if allow := response.Header.Get("Allow"); response.StatusCode != http.StatusMethodNotAllowed || allow != http.MethodPost {
		t.Errorf("GET returned %d, Allow: %q, want %d, Allow: %q", response.StatusCode, allow, http.StatusMethodNotAllowed, http.MethodPost)
	}
}

// TestSlowClientIsCutOff sends a body byte by byte until the server closes the connection.
func TestSlowClientIsCutOff(t *testing.T) {
	t.Parallel()
	limits := server.DefaultLimits()
	limits.ReadTimeout = 200 * time.Millisecond
	s := startWithLimits(t, limits)
	conn := s.dial(t)
	send(t, conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n", server.ValidatePath)
	answered := make(chan string, 1)
	go func() {
		answer, _ := io.ReadAll(conn)
		answered <- string(answer)
	}()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case answer := <-answered:
			if !strings.Contains(answer, "408 Request Timeout") || !strings.Contains(answer, "the body did not arrive within 200ms") {
				t.Errorf("the response is %q, want 408", answer)
			}
			return
		case <-tick.C:
			_, _ = conn.Write([]byte(" ")) // fails once the server has closed the connection
		case <-time.After(awaitTimeout):
			t.Fatal("the server did not close the connection")
		}
	}
}

// TestClientDisconnects closes a connection in the middle of a request. The server must still respond to other clients.
func TestClientDisconnects(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := s.dial(t)
	send(t, conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", server.ValidatePath)
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	s.checkAnswers(t)
}

func send(t *testing.T, conn io.Writer, format string, args ...any) {
	t.Helper()
	if _, err := fmt.Fprintf(conn, format, args...); err != nil {
		t.Fatal(err)
	}
}

// TestClientsThatNeverReadDelayNoOthers sends requests whose responses do not fit into the buffers of a connection, and does not
// read the responses. It sends more requests than the server evaluates at a time.
func TestClientsThatNeverReadDelayNoOthers(t *testing.T) {
	t.Parallel()
	s := start(t)
	review := admissiontest.NewReview(admissionv1.Create, admissiontest.NewPool(1), nil)
	review.Request.UID = types.UID(strings.Repeat("u", 6<<20))
	body := admissiontest.Body(review)
	for range 4 * runtime.GOMAXPROCS(0) {
		conn := s.dial(t)
		send(t, conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			server.ValidatePath, len(body), body)
	}
	s.checkAnswers(t)
}

// TestSlowClientsDelayNoOthers sends more requests than the server keeps large bodies in memory, and does not finish their bodies.
func TestSlowClientsDelayNoOthers(t *testing.T) {
	t.Parallel()
	s := start(t)
	for range 100 {
		conn := s.dial(t)
		send(t, conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 7000000\r\n\r\n{", server.ValidatePath)
	}
	s.checkAnswers(t)
}

func (s *running) dial(t *testing.T) *tls.Conn {
	t.Helper()
	conn, err := tls.Dial("tcp", s.address, s.tls())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// TestStopFinishesRequests stops a server that has received half of a request. The server must report not ready, receive the other
// half, respond and exit.
func TestStopFinishesRequests(t *testing.T) {
	t.Parallel()
	s := start(t)
	body := admissiontest.Body(admissiontest.NewReview(admissionv1.Create, admissiontest.NewPool(3), nil))
	conn := s.dial(t)
	send(t, conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		server.ValidatePath, len(body), body[:len(body)/2])
	s.checkAnswers(t) // after this response, the server has also received the first half
	s.stop()
	await(t, "a server that is not ready", func() bool { return s.probe("readyz") != http.StatusOK })
	if _, err := conn.Write(body[len(body)/2:]); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.Contains(string(answer), `"allowed":true`) {
		t.Errorf("the response is %q, %v, want allowed", answer, err)
	}
}

// TestStopKeepsServing stops a server. It must report not ready and still serve the clients that connect during the drain.
func TestStopKeepsServing(t *testing.T) {
	t.Parallel()
	s := startWithDrain(t, time.Second)
	s.stop()
	await(t, "a server that is not ready", func() bool { return s.probe("readyz") == http.StatusInternalServerError })
	s.checkAnswers(t)
}

// TestStopClosesConnections stops a server to which a client has a connection, over HTTP/1.1 and HTTP/2. The server must close the
// connection after the next response.
func TestStopClosesConnections(t *testing.T) {
	t.Parallel()
	for name, protocols := range map[string][]string{"HTTP/1.1": {"http/1.1"}, "HTTP/2": {"h2"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startWithDrain(t, time.Second)
			config := s.tls()
			config.NextProtos = protocols
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: name == "HTTP/2"}}
			defer client.CloseIdleConnections()
			if reused := s.postOn(t, client); reused {
				t.Error("the first request reused a connection")
			}
			if reused := s.postOn(t, client); !reused {
				t.Error("the second request did not reuse the connection")
			}
			s.stop()
			await(t, "a server that is not ready", func() bool { return s.probe("readyz") == http.StatusInternalServerError })
			s.postOn(t, client)
			await(t, "a new connection", func() bool { return !s.postOn(t, client) })
		})
	}
}

// postOn sends a review and reports whether the client reused a connection.
func (s *running) postOn(t *testing.T, client *http.Client) (reused bool) {
	t.Helper()
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }}
	body := admissiontest.Body(admissiontest.NewReview(admissionv1.Create, admissiontest.NewPool(3), nil))
	request, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), http.MethodPost,
		"https://"+s.address+server.ValidatePath, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = asJSON()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("the response is %s, %v, want 200", response.Status, err)
	}
	return reused
}

// TestTooManyLargeBodies fills the memory for large bodies with clients that do not finish their bodies.
func TestTooManyLargeBodies(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	limits := server.DefaultLimits()
	limits.LargeBodies, limits.WaitTimeout = 2*size, time.Millisecond
	limits.ReadTimeout = awaitTimeout // the server cuts off no client before the end of the test
	s := startWithLimits(t, limits)
	for range 4 {
		conn := s.dial(t)
		send(t, conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			server.ValidatePath, size, strings.Repeat(" ", 100_000))
	}
	large := strings.Repeat(" ", size)
	await(t, "a response with code 503", func() bool {
		status, text := s.post(t, asJSON(), strings.NewReader(large))
		return status == http.StatusServiceUnavailable && strings.Contains(text, "too many requests at a time: try again")
	})
	s.checkAnswers(t) // with a small body
}

// TestExpiredCertificateIsNotReady starts a server with an expired certificate. The server must be alive, because the certificate can
// be replaced, but not ready.
func TestExpiredCertificateIsNotReady(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	// The certificate is valid from an hour ago: with this MaxAge, it expired 59 minutes ago.
	chain, key, err := certutil.GenerateSelfSignedCertKeyWithOptions(certutil.SelfSignedCertKeyOptions{Host: "localhost", MaxAge: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{certs.CertificateFile: chain, certs.KeyFile: key} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	source := certs.NewFiles(dir, logr.Discard())
	s := startWith(t, source, server.DefaultLimits(), 0)
	await(t, "a server that accepts connections", func() bool {
		conn, err := net.Dial("tcp", s.address)
		return err == nil && conn.Close() == nil
	})
	if ready, alive := s.probe("readyz"), s.probe("healthz"); ready == http.StatusOK || alive != http.StatusOK {
		t.Errorf("readyz returned %d and healthz %d, want not ready and 200", ready, alive)
	}
}

// TestDenialIsLoggedOnce checks the log line of a denial. The line must not contain the content of a pool.
func TestDenialIsLoggedOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	pool := admissiontest.NewPool(2)
	pool.Spec.Allocations["70000"] = admissiontest.Allocation{ID: "secret-id", PodRef: "secret/pod"}
	body := admissiontest.Body(admissiontest.NewReview(admissionv1.Create, pool, nil))
	status, text := s.post(t, asJSON(), bytes.NewReader(body))
	denial(t, decodeResponse(t, status, text), http.StatusUnprocessableEntity)

	denials := s.log.with(`"msg":"denied"`)
	if len(denials) != 1 {
		t.Fatalf("logged %d denials: %s", len(denials), denials)
	}
	var line map[string]any
	if err := json.Unmarshal([]byte(denials[0]), &line); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"uid": "705ab4f5-6393-11e8-b7cc-42010a800002", "user": "jane", "mode": "enforce", "operation": "CREATE",
		"pool": "kube-system/10.0.0.0-16", "rules": "[offset-out-of-range]", "fields": "[spec.allocations[70000]]",
	} {
		if got := fmt.Sprint(line[key]); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if secrets := s.log.with("secret"); len(secrets) > 0 {
		t.Errorf("logged the content of a pool: %s", secrets)
	}
}

// TestObservedFindingsAreLoggedWhenIntroduced updates a pool twice in observe mode. Only the first update introduces findings.
func TestObservedFindingsAreLoggedWhenIntroduced(t *testing.T) {
	t.Parallel()
	s := start(t)
	old := admissiontest.NewPool(2)
	pool := old.Clone()
	pool.Spec.Allocations["0"] = admissiontest.NewAllocation(9)                                    // Warn: observe mode audits it
	pool.Spec.Allocations["5"] = admissiontest.Allocation{ID: "id", PodRef: "pod", IfName: "net1"} // Deny: observe mode warns
	for _, before := range []*admissiontest.Pool{old, pool} {
		r := admissiontest.NewReview(admissionv1.Update, pool, before)
		status, text := s.postTo(t, server.ObservePath, asJSON(), bytes.NewReader(admissiontest.Body(r)))
		if response := decodeResponse(t, status, text); !response.Allowed {
			t.Fatalf("observe mode denied the request: %+v", response.Result)
		}
	}
	if logged := s.log.with(`"msg":"warned"`); len(logged) != 1 || !strings.Contains(logged[0], `"rules":["podref-syntax"],"fields":["spec.allocations[5].podref"]`) {
		t.Errorf("logged %s, want one line with the rule podref-syntax", logged)
	}
}

// TestLogNamesEightFields denies a pool with ten invalid keys. A key of the request can contain any characters.
func TestLogNamesEightFields(t *testing.T) {
	t.Parallel()
	s := start(t)
	pool := admissiontest.NewPool(0)
	for i := range 10 {
		pool.Spec.Allocations[fmt.Sprintf("a\x1b%d", i)] = admissiontest.NewAllocation(i)
	}
	s.post(t, asJSON(), bytes.NewReader(admissiontest.Body(admissiontest.NewReview(admissionv1.Create, pool, nil))))
	var line struct{ Fields []string }
	if err := json.Unmarshal([]byte(s.log.with(`"msg":"denied"`)[0]), &line); err != nil {
		t.Fatal(err)
	}
	if len(line.Fields) != 8 || strings.Contains(strings.Join(line.Fields, ""), "\x1b") {
		t.Errorf("logged the fields %q, want 8 without control characters", line.Fields)
	}
}

// TestPathDecidesTheMode sends one malformed pool to each path.
func TestPathDecidesTheMode(t *testing.T) {
	t.Parallel()
	s := start(t)
	pool := admissiontest.NewPool(1)
	pool.Spec.Range = "010.0.0.0/16"                                                                   // range-syntax denies it
	pool.Spec.Allocations["05"] = admissiontest.Allocation{ID: "id", PodRef: "ns/pod", IfName: "net1"} // offset-syntax denies it
	body := admissiontest.Body(admissiontest.NewReview(admissionv1.Create, pool, nil))
	for path, want := range map[string]struct {
		allowed           bool
		warnings, patched bool
	}{
		server.ValidatePath: {},
		server.ObservePath:  {allowed: true, warnings: true},
		server.MutatePath:   {allowed: true, warnings: true, patched: true},
	} {
		status, text := s.postTo(t, path, asJSON(), bytes.NewReader(body))
		response := decodeResponse(t, status, text)
		if response.Allowed != want.allowed || len(response.Warnings) > 0 != want.warnings || len(response.Patch) > 0 != want.patched {
			t.Errorf("the response of %s is %s, want %+v", path, text, want)
		}
	}
}

func TestManyAtATime(t *testing.T) {
	t.Parallel()
	s := start(t)
	var clients sync.WaitGroup
	for range 200 {
		clients.Go(func() { s.checkAnswers(t) })
	}
	clients.Wait()
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	s := start(t)
	host, port, _ := net.SplitHostPort(s.address)
	number, _ := strconv.Atoi(port)
	source, err := certs.NewDev(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	err = server.Run(t.Context(), server.Options{
		BindAddress: host, Port: number, MetricsBindAddress: "0", HealthProbeBindAddress: "0",
		Certificates: source, Log: logr.Discard(), Registry: prometheus.NewRegistry(), Evaluator: newEvaluator(t), Limits: server.DefaultLimits(),
	})
	if err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("err = %v", err)
	}
}
