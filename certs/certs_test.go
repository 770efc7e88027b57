package certs

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

// tick is the interval at which sources retry and reread in the tests.
const tick = 10 * time.Millisecond

// lines collects the log lines of a source.
type lines struct {
	mu     sync.Mutex
	logged []string
}

func (l *lines) logger() logr.Logger {
	return funcr.New(func(_, args string) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.logged = append(l.logged, args)
	}, funcr.Options{})
}

func (l *lines) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.logged)
}

func TestMain(m *testing.M) {
	log.SetLogger(logr.Discard()) // for certwatcher
	os.Exit(m.Run())
}

func TestDevIsTrustedThroughItsCA(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "created", "by", "dev")
	source, err := NewDev(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := source.Check(time.Now()); err != nil {
		t.Error(err)
	}
	ca, err := os.ReadFile(filepath.Join(dir, CAFile))
	if err != nil {
		t.Fatal(err)
	}
	trust := x509.NewCertPool()
	trust.AppendCertsFromPEM(ca)
	for _, host := range []string{"localhost", "127.0.0.1", "::1"} {
		if err := handshake(source, trust, host); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("the directory contains %v, want only ca.crt", entries)
	}
}

// handshake connects to the source as a client that trusts the CAs in trust.
func handshake(source *Source, trust *x509.CertPool, host string) error {
	server, client := net.Pipe()
	defer func() { _ = server.Close() }()
	go func() { _ = tls.Server(server, &tls.Config{GetCertificate: source.GetCertificate}).Handshake() }()
	return tls.Client(client, &tls.Config{RootCAs: trust, ServerName: host}).Handshake()
}

func TestDevCannotWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewDev(file); err == nil || !strings.Contains(err.Error(), "cannot create the directory of ca.crt: ") {
		t.Errorf("err = %v", err)
	}
}

func TestFilesThatCannotBeServed(t *testing.T) {
	chain, key := pair(t, 24*time.Hour)
	_, otherKey := pair(t, 24*time.Hour)
	leaf, ca := pem.Decode(chain)
	for _, test := range []struct {
		name  string
		files map[string][]byte
		want  string
	}{
		{"missing", nil, "no such file or directory"},
		{"without key", map[string][]byte{CertificateFile: chain}, "tls.key: no such file"},
		{"empty", map[string][]byte{CertificateFile: {}, KeyFile: {}}, "failed to find any PEM data"},
		{"not PEM", map[string][]byte{CertificateFile: []byte("x"), KeyFile: key}, "failed to find any PEM data"},
		{"half written", map[string][]byte{CertificateFile: chain[:len(pem.EncodeToMemory(leaf))/2], KeyFile: key}, "failed to find any PEM data"},
		{"mismatched", map[string][]byte{CertificateFile: chain, KeyFile: otherKey}, "private key does not match public key"},
		{"key of another type", map[string][]byte{CertificateFile: chain, KeyFile: rsaKey(t)}, "private key type does not match public key type"},
		{"key in place of the certificate", map[string][]byte{CertificateFile: key, KeyFile: key}, "failed to find certificate PEM data"},
		{"chain without the serving certificate", map[string][]byte{CertificateFile: ca, KeyFile: key}, "private key does not match public key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			writeFiles(t, dir, test.files)
			source := NewFiles(dir, logr.Discard())
			_, handshake := source.GetCertificate(nil)
			for _, err := range []error{handshake, source.Check(time.Now())} {
				if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "the directory "+dir+" has no certificate to serve") {
					t.Errorf("err = %v, want %s", err, test.want)
				}
			}
			if at, ok := source.Expiry(); ok {
				t.Errorf("the expiry is %s, want none", at)
			}
		})
	}
}

// TestFilesThatCannotBeRead uses a directory in place of a file. Not even root can read it as a file.
func TestFilesThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, CertificateFile), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := NewFiles(dir, logr.Discard()).Check(time.Now()); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("err = %v", err)
	}
}

// TestFilesCreatedAfterStart starts without the directory, as before a Secret is mounted. Then it writes the certificate and the
// key one after the other. The source logs each state once.
func TestFilesCreatedAfterStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "later")
	var log lines
	source := newFiles(dir, tick, time.Minute, log.logger())
	if err := source.Check(time.Now()); err == nil {
		t.Fatal("the source is ready without a certificate")
	}
	stop := start(t, source)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	chain, key := pair(t, 24*time.Hour)
	writeFiles(t, dir, map[string][]byte{CertificateFile: chain})
	awaitCheck(t, source, "tls.key: no such file")
	writeFiles(t, dir, map[string][]byte{KeyFile: key})
	awaitCheck(t, source, "")
	stop()
	logged := log.all()
	for i, want := range []string{"tls.crt: no such file", "tls.key: no such file", "serving a certificate"} {
		if len(logged) != 3 || !strings.Contains(logged[i], want) {
			t.Fatalf("logged %q, want %q in line %d of 3", logged, want, i+1)
		}
	}
}

// TestFilesDeleted removes the directory, as when a Secret is deleted. The source serves the current certificate until there is
// another one.
func TestFilesDeleted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "certs")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	chain, key := pair(t, 24*time.Hour)
	writeFiles(t, dir, map[string][]byte{CertificateFile: chain, KeyFile: key})
	source := newFiles(dir, tick, tick, logr.Discard())
	start(t, source)
	before := serial(t, source)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if serial(t, source) != before || source.Check(time.Now()) != nil {
		t.Error("the current certificate is no longer served")
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	chain, key = pair(t, 48*time.Hour)
	writeFiles(t, dir, map[string][]byte{CertificateFile: chain, KeyFile: key})
	awaitServed(t, source, chain)
}

// start runs a source until stop is called or the test ends. The source must not end earlier.
func start(t *testing.T, source *Source) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := source.Start(ctx); err != nil || ctx.Err() == nil {
			t.Errorf("the source ended early: %v", err)
		}
	}()
	stop = func() {
		cancel()
		<-ended
	}
	t.Cleanup(stop)
	return stop
}

// awaitServed waits until the source serves the first certificate of a chain.
func awaitServed(t *testing.T, source *Source, chain []byte) {
	t.Helper()
	want, _ := pem.Decode(chain)
	await(t, func() error {
		certificate, err := source.GetCertificate(nil)
		if err == nil && !bytes.Equal(certificate.Certificate[0], want.Bytes) {
			err = errors.New("another certificate is served")
		}
		return err
	})
}

// awaitCheck waits until Check returns an error that contains a text or, without a text, no error.
func awaitCheck(t *testing.T, source *Source, want string) {
	t.Helper()
	await(t, func() error {
		err := source.Check(time.Now())
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			return fmt.Errorf("Check returned %w, want %q", err, want)
		}
		return nil
	})
}

func await(t *testing.T, check func() error) {
	t.Helper()
	var last error
	err := wait.PollUntilContextTimeout(t.Context(), 10*time.Millisecond, time.Minute, true, func(context.Context) (bool, error) {
		last = check()
		return last == nil, nil
	})
	if err != nil {
		t.Error(last)
	}
}

func rsaKey(t *testing.T) []byte {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
}

// TestMetrics reads the metrics without a certificate, with a first certificate, and after another certificate has replaced it.
func TestMetrics(t *testing.T) {
	dir := t.TempDir()
	source := newFiles(dir, tick, tick, logr.Discard())
	samples := gather(t, source)
	if _, ok := samples["expiry_timestamp_seconds"]; ok || samples["reloads_total"] != 0 || samples["reload_errors_total"] < 1 {
		t.Errorf("without a certificate the metrics are %v", samples)
	}
	start(t, source)
	for reloads := range 2 {
		chain, key := pair(t, time.Duration(24+reloads)*time.Hour)
		writeFiles(t, dir, map[string][]byte{CertificateFile: chain, KeyFile: key})
		awaitServed(t, source, chain)
		samples, at := gather(t, source), expiry(t, source)
		if samples["expiry_timestamp_seconds"] != float64(at.Unix()) || samples["reloads_total"] != float64(reloads) {
			t.Errorf("with certificate %d, which expires at %s, the metrics are %v", reloads+1, at, samples)
		}
	}
}

// gather returns the metrics of a source. The keys are the names without the prefix ippool_webhook_certificate_.
func gather(t *testing.T, source *Source) map[string]float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(NewCollector(source))
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	samples := map[string]float64{}
	for _, family := range families {
		metric := family.GetMetric()[0]
		if label := metric.GetLabel()[0]; label.GetName() != "source" || label.GetValue() != source.Name {
			t.Errorf("%s has the label %s, want source=%s", family.GetName(), label, source.Name)
		}
		samples[strings.TrimPrefix(family.GetName(), "ippool_webhook_certificate_")] = metric.GetGauge().GetValue() + metric.GetCounter().GetValue()
	}
	return samples
}

func expiry(t *testing.T, source *Source) time.Time {
	t.Helper()
	at, ok := source.Expiry()
	if !ok {
		t.Fatal("the source has no expiry")
	}
	return at
}

// TestInvalidDoesNotReplaceValid replaces a valid certificate by one that is expired and by one that is not valid yet.
func TestInvalidDoesNotReplaceValid(t *testing.T) {
	dir := t.TempDir()
	var log lines
	good, key := pair(t, 24*time.Hour)
	writeFiles(t, dir, map[string][]byte{CertificateFile: good, KeyFile: key})
	source := newFiles(dir, tick, tick, log.logger())
	start(t, source)
	awaitServed(t, source, good)
	ca := newAuthority(t)
	for _, test := range []struct {
		from, to time.Duration
		want     string
	}{
		{-2 * time.Hour, -time.Hour, "the certificate expired at "},
		{time.Hour, 2 * time.Hour, "the certificate is not valid before "},
	} {
		chain, key := ca.serving(t, time.Now().Add(test.from), time.Now().Add(test.to))
		writeFiles(t, dir, map[string][]byte{CertificateFile: chain, KeyFile: key})
		await(t, func() error {
			awaitServed(t, source, good)
			if logged := log.all(); !strings.Contains(logged[len(logged)-1], test.want) {
				return fmt.Errorf("logged %q, want %q last", logged, test.want)
			}
			return nil
		})
	}
	better, key := pair(t, 48*time.Hour)
	writeFiles(t, dir, map[string][]byte{CertificateFile: better, KeyFile: key})
	awaitServed(t, source, better)
}

// TestFilesAreReloaded renews a certificate in two writes. After the first write, the certificate does not match the key.
func TestFilesAreReloaded(t *testing.T) {
	dir := t.TempDir()
	chain, key := pair(t, 24*time.Hour)
	writeFiles(t, dir, map[string][]byte{CertificateFile: chain, KeyFile: key})
	source := newFiles(dir, tick, tick, logr.Discard())
	start(t, source)
	before := serial(t, source)
	newChain, newKey := pair(t, 48*time.Hour)
	writeFiles(t, dir, map[string][]byte{CertificateFile: newChain})
	if serial(t, source) != before {
		t.Error("a certificate without its key is served")
	}
	writeFiles(t, dir, map[string][]byte{KeyFile: newKey})
	awaitServed(t, source, newChain)
}

// TestReadingStateChangesNothing loads another certificate and reads the state before a client connects.
func TestReadingStateChangesNothing(t *testing.T) {
	first, second := keyPair(t, 24*time.Hour), keyPair(t, 48*time.Hour)
	latest, logged := first, 0
	source := &Source{
		latest:   func() *tls.Certificate { return latest },
		failures: func() float64 { return 0 },
		log:      funcr.New(func(_, _ string) { logged++ }, funcr.Options{}),
	}
	if got, err := source.GetCertificate(nil); err != nil || got != first {
		t.Fatalf("the first certificate is not served: %v", err)
	}
	latest, logged = second, 0
	if at, ok := source.Expiry(); !ok || !at.Equal(second.Leaf.NotAfter) {
		t.Errorf("the expiry is %s, want %s", at, second.Leaf.NotAfter)
	}
	if err := source.Check(time.Now()); err != nil {
		t.Error(err)
	}
	gather(t, source)
	if source.served != first || source.replaced() != 0 || logged != 0 {
		t.Errorf("reading the state replaced the certificate %d times and logged %d lines, want 0 and 0", source.replaced(), logged)
	}
	if got, err := source.GetCertificate(nil); err != nil || got != second || source.replaced() != 1 || logged != 1 {
		t.Errorf("the handshake replaced the certificate %d times and logged %d lines, want 1 and 1: %v", source.replaced(), logged, err)
	}
}

func keyPair(t *testing.T, maxAge time.Duration) *tls.Certificate {
	t.Helper()
	certificate, err := tls.X509KeyPair(pair(t, maxAge))
	if err != nil {
		t.Fatal(err)
	}
	return &certificate
}

func TestCheck(t *testing.T) {
	source, err := NewDev(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		at   time.Time
		want string
	}{
		{"valid", time.Now(), ""},
		{"expired", time.Now().AddDate(2, 0, 0), "the certificate expired at "},
		{"not yet valid", time.Now().AddDate(-1, 0, 0), "the certificate is not valid before "},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := source.Check(test.at)
			if (err == nil) != (test.want == "") || err != nil && !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("err = %v, want %q", err, test.want)
			}
		})
	}
}

// pair returns a serving certificate for localhost, followed by its CA, and the key, in PEM.
func pair(t *testing.T, maxAge time.Duration) (chain, key []byte) {
	t.Helper()
	ca := newAuthority(t)
	leaf, key := ca.serving(t, time.Now().Add(-time.Hour), time.Now().Add(maxAge))
	return append(leaf, ca.pem...), key
}

func writeFiles(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func serial(t *testing.T, source *Source) string {
	t.Helper()
	certificate, err := source.GetCertificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	return certificate.Leaf.SerialNumber.String()
}
