package certs_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	certutil "k8s.io/client-go/util/cert"

	"ippool-webhook/certs"
)

func TestDevIsTrustedThroughItsCA(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "by", "us")
	source, err := certs.NewDev(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := source.Check(time.Now()); err != nil {
		t.Error(err)
	}
	ca, err := os.ReadFile(filepath.Join(dir, certs.CAFile))
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
		t.Errorf("--cert-dir has %v, want ca.crt alone", entries)
	}
}

// handshake connects to the source as a client that trusts a pool.
func handshake(source *certs.Source, trust *x509.CertPool, host string) error {
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
	if _, err := certs.NewDev(file); err == nil || !strings.Contains(err.Error(), "cannot make --cert-dir") {
		t.Errorf("err = %v", err)
	}
}

func TestFilesThatCannotBeServed(t *testing.T) {
	chain, key := pair(t, time.Hour)
	_, otherKey := pair(t, time.Hour)
	for _, test := range []struct {
		name  string
		files map[string][]byte
		want  string
	}{
		{"missing", nil, "no such file or directory"},
		{"without key", map[string][]byte{certs.CertificateFile: chain}, "tls.key: no such file"},
		{"empty", map[string][]byte{certs.CertificateFile: {}, certs.KeyFile: {}}, "failed to find any PEM data"},
		{"not PEM", map[string][]byte{certs.CertificateFile: []byte("x"), certs.KeyFile: key}, "failed to find any PEM data"},
		{"mismatched", map[string][]byte{certs.CertificateFile: chain, certs.KeyFile: otherKey}, "private key does not match public key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			writeFiles(t, dir, test.files)
			_, err := certs.NewFiles(dir)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "--cert-dir "+dir+" has no certificate to serve") {
				t.Errorf("err = %v, want %s", err, test.want)
			}
		})
	}
}

// TestFilesAreReadAgain renews a certificate in two writes, between which the pair does not match.
func TestFilesAreReadAgain(t *testing.T) {
	dir := t.TempDir()
	chain, key := pair(t, time.Hour)
	writeFiles(t, dir, map[string][]byte{certs.CertificateFile: chain, certs.KeyFile: key})
	source, err := certs.NewFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- source.Start(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-stopped; err != nil {
			t.Error(err)
		}
	})
	before := serial(t, source)
	newChain, newKey := pair(t, 2*time.Hour)
	writeFiles(t, dir, map[string][]byte{certs.CertificateFile: newChain})
	if serial(t, source) != before {
		t.Error("half a pair is served")
	}
	writeFiles(t, dir, map[string][]byte{certs.KeyFile: newKey})
	err = wait.PollUntilContextTimeout(t.Context(), 10*time.Millisecond, 30*time.Second, true, func(context.Context) (bool, error) {
		return serial(t, source) != before, nil
	})
	if err != nil {
		t.Errorf("the new pair is not served: %v", err)
	}
}

func TestCheck(t *testing.T) {
	source, err := certs.NewDev(t.TempDir())
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

func pair(t *testing.T, maxAge time.Duration) (chain, key []byte) {
	t.Helper()
	chain, key, err := certutil.GenerateSelfSignedCertKeyWithOptions(certutil.SelfSignedCertKeyOptions{Host: "localhost", MaxAge: maxAge})
	if err != nil {
		t.Fatal(err)
	}
	return chain, key
}

func writeFiles(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func serial(t *testing.T, source *certs.Source) string {
	t.Helper()
	certificate, err := source.GetCertificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	return certificate.Leaf.SerialNumber.String()
}
