package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	stdlog "log"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
)

// TestClientAuth connects with valid and invalid client certificates, over HTTP/1.1 and HTTP/2.
func TestClientAuth(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	for name, test := range map[string]struct {
		client []tls.Certificate
		names  []string
		want   string // error of the handshake in the log of the server; empty if the handshake succeeds
	}{
		"no certificate":       {nil, nil, "client didn't provide a certificate"},
		"of the CA":            {ca.issue(t, "anybody"), nil, ""},
		"of another CA":        {other.issue(t, "kube-apiserver"), []string{"kube-apiserver"}, "certificate signed by unknown authority"},
		"expired":              {ca.issueFor(t, "kube-apiserver", -time.Minute), nil, "certificate has expired"},
		"allowed common name":  {ca.issue(t, "kube-apiserver"), []string{"front-proxy", "kube-apiserver"}, ""},
		"allowed DNS name":     {ca.issue(t, "x", "kube-apiserver"), []string{"kube-apiserver"}, ""},
		"another name":         {ca.issue(t, "kubelet", "node-1"), []string{"kube-apiserver"}, `the client certificate has the common name "kubelet" and the DNS names ["node-1"]; allowed names are kube-apiserver`},
		"name in another case": {ca.issue(t, "Kube-apiserver"), []string{"kube-apiserver"}, `the client certificate has the common name "Kube-apiserver" and the DNS names []`},
	} {
		for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
			t.Run(name+"/"+protocol, func(t *testing.T) {
				server := serve(t, writeClientCA(t, ca), test.names)
				server.expect(t, protocol, test.client, test.want)
			})
		}
	}
}

// TestClientSessionsAreNotResumed connects twice with one session cache. The server must verify the client both times.
func TestClientSessionsAreNotResumed(t *testing.T) {
	ca := newAuthority(t)
	path := writeClientCA(t, ca)
	server := serve(t, path, nil)
	config := &tls.Config{Certificates: ca.issue(t, "kube-apiserver"), ClientSessionCache: tls.NewLRUClientSessionCache(4), RootCAs: server.trust, ServerName: "localhost"}
	for range 2 {
		connection, err := tls.Dial("tcp", server.address, config)
		if err != nil {
			t.Fatal(err)
		}
		request := []byte("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
		if _, err := connection.Write(request); err != nil {
			t.Fatal(err)
		}
		if _, err := connection.Read(make([]byte, 1024)); err != nil { // session tickets arrive before the response
			t.Fatal(err)
		}
		if connection.ConnectionState().DidResume {
			t.Error("the session was resumed")
		}
		_ = connection.Close()
	}
}

// TestClientCAChanges replaces the file with invalid content, removes it, and then writes another CA.
func TestClientCAChanges(t *testing.T) {
	before, after := newAuthority(t), newAuthority(t)
	path := writeClientCA(t, before)
	server := serve(t, path, nil)
	expect := func(ca *authority, want string) {
		t.Helper()
		server.expect(t, "HTTP/1.1", ca.issue(t, "kube-apiserver"), want)
	}
	expect(before, "")
	replace(t, path, after.pem[:len(after.pem)/2])
	expect(before, "")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	expect(before, "")
	replace(t, path, after.pem)
	expect(before, "certificate signed by unknown authority")
	expect(after, "")
}

func TestInvalidClientCA(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "missing"): "no such file or directory",
		empty:                         "contains no certificate in PEM",
		dir:                           "is a directory",
	} {
		if _, err := NewClientAuth(path, nil, logr.Discard()); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "cannot read the client CAs") {
			t.Errorf("err = %v, want %s", err, want)
		}
	}
}

// tlsServer is a server that requires client certificates.
type tlsServer struct {
	address string
	trust   *x509.CertPool
	errors  chan string // log lines of net/http about handshakes
}

// Write implements io.Writer for the log of the server.
func (s tlsServer) Write(line []byte) (int, error) {
	s.errors <- string(line)
	return len(line), nil
}

func serve(t *testing.T, caFile string, names []string) tlsServer {
	t.Helper()
	ca := newAuthority(t)
	certificate, err := tls.X509KeyPair(ca.serving(t, time.Now().Add(-time.Hour), time.Now().Add(time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	clients, err := NewClientAuth(caFile, names, logr.Discard())
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{NextProtos: []string{"h2", "http/1.1"}, Certificates: []tls.Certificate{certificate}}
	clients.Configure(config)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	s := tlsServer{listener.Addr().String(), x509.NewCertPool(), make(chan string, 16)}
	s.trust.AddCert(ca.certificate)
	server := &http.Server{Handler: http.NotFoundHandler(), ErrorLog: stdlog.New(s, "", 0)}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return s
}

// client returns a client for one version of HTTP.
func (s tlsServer) client(protocol string, certificates []tls.Certificate) *http.Client {
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{Certificates: certificates, RootCAs: s.trust, ServerName: "localhost"},
		ForceAttemptHTTP2: protocol == "HTTP/2.0",
	}}
}

// expect connects, and expects a response or an error in the log of the server. It does not compare the error of the client: with
// TLS 1.3, the client receives the rejection after its own handshake, and the error depends on what the client does then.
func (s tlsServer) expect(t *testing.T, protocol string, certificates []tls.Certificate, want string) {
	t.Helper()
	response, err := s.client(protocol, certificates).Get("https://" + s.address)
	if err == nil {
		_ = response.Body.Close()
		if response.Proto != protocol {
			t.Errorf("the response has the version %s, want %s", response.Proto, protocol)
		}
	}
	if (err == nil) != (want == "") {
		t.Errorf("err = %v, want an error: %t", err, want != "")
	}
	if err == nil || want == "" {
		return
	}
	if logged := <-s.errors; !strings.Contains(logged, want) {
		t.Errorf("the server logged %q, want %q", logged, want)
	}
}

// authority is a CA.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         []byte
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{key: newKey(t)}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "clients"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// issue returns a client certificate that is valid for an hour.
func (a *authority) issue(t *testing.T, commonName string, dnsNames ...string) []tls.Certificate {
	t.Helper()
	return a.issueFor(t, commonName, time.Hour, dnsNames...)
}

// issueFor returns a client certificate that expires after a validity, which can be negative.
func (a *authority) issueFor(t *testing.T, commonName string, validity time.Duration, dnsNames ...string) []tls.Certificate {
	t.Helper()
	key := newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: commonName}, DNSNames: dnsNames,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(validity),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, a.certificate, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
}

// serving returns a serving certificate for localhost and its key, in PEM.
func (a *authority) serving(t *testing.T, notBefore, notAfter time.Time) (chain, key []byte) {
	t.Helper()
	private := newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(3), DNSNames: []string{"localhost"}, NotBefore: notBefore, NotAfter: notAfter,
	}, a.certificate, private.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
}

func writeClientCA(t *testing.T, a *authority) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "client-ca.crt")
	replace(t, path, a.pem)
	return path
}

// replace replaces a file by a rename, as the kubelet does when a mounted ConfigMap changes.
func replace(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}
