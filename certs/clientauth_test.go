package certs_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"

	"ippool-webhook/certs"
)

// TestClientAuth connects with every kind of certificate, over both versions of HTTP.
func TestClientAuth(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	for name, test := range map[string]struct {
		client []tls.Certificate
		names  []string
		want   string // the error; empty for none
	}{
		"no certificate":       {nil, nil, "certificate required"},
		"of the CA":            {ca.issue(t, "anybody"), nil, ""},
		"of another CA":        {other.issue(t, "kube-apiserver"), []string{"kube-apiserver"}, "unknown certificate authority"},
		"expired":              {ca.issueFor(t, "kube-apiserver", -time.Minute), nil, "expired certificate"},
		"allowed common name":  {ca.issue(t, "kube-apiserver"), []string{"front-proxy", "kube-apiserver"}, ""},
		"allowed DNS name":     {ca.issue(t, "x", "kube-apiserver"), []string{"kube-apiserver"}, ""},
		"another name":         {ca.issue(t, "kubelet", "node-1"), []string{"kube-apiserver"}, "bad certificate"},
		"name in another case": {ca.issue(t, "Kube-apiserver"), []string{"kube-apiserver"}, "bad certificate"},
	} {
		for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
			t.Run(name+"/"+protocol, func(t *testing.T) {
				server := serve(t, writeCA(t, ca), test.names)
				expectAnswer(t, server.client(protocol, test.client), server.url, protocol, test.want)
			})
		}
	}
}

// TestClientSessionsAreNotResumed connects twice with one cache of sessions, to be verified twice.
func TestClientSessionsAreNotResumed(t *testing.T) {
	ca := newAuthority(t)
	path := writeCA(t, ca)
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
		if _, err := connection.Read(make([]byte, 1024)); err != nil { // tickets come before the answer
			t.Fatal(err)
		}
		if connection.ConnectionState().DidResume {
			t.Error("the session was resumed")
		}
		_ = connection.Close()
	}
}

// TestClientCAChanges replaces the file: first by what cannot be used, then by another CA.
func TestClientCAChanges(t *testing.T) {
	before, after := newAuthority(t), newAuthority(t)
	path := writeCA(t, before)
	server := serve(t, path, nil)
	expect := func(ca *authority, want string) {
		t.Helper()
		expectAnswer(t, server.client("HTTP/1.1", ca.issue(t, "kube-apiserver")), server.url, "HTTP/1.1", want)
	}
	expect(before, "")
	replace(t, path, after.pem[:len(after.pem)/2])
	expect(before, "")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	expect(before, "")
	replace(t, path, after.pem)
	expect(before, "unknown certificate authority")
	expect(after, "")
}

func TestClientCAThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "missing"): "no such file or directory",
		empty:                         "has no certificate in PEM",
		dir:                           "is a directory",
	} {
		if _, err := certs.NewClientAuth(path, nil, logr.Discard()); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--client-ca-file cannot be used") {
			t.Errorf("err = %v, want %s", err, want)
		}
	}
}

// tlsServer is a server that asks for certificates.
type tlsServer struct {
	address, url string
	trust        *x509.CertPool
}

func serve(t *testing.T, caFile string, names []string) tlsServer {
	t.Helper()
	dir := t.TempDir()
	source, err := certs.NewDev(dir)
	if err != nil {
		t.Fatal(err)
	}
	clients, err := certs.NewClientAuth(caFile, names, logr.Discard())
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{NextProtos: []string{"h2", "http/1.1"}, GetCertificate: source.GetCertificate}
	clients.Configure(config)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.NotFoundHandler()}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	text, err := os.ReadFile(filepath.Join(dir, certs.CAFile))
	if err != nil {
		t.Fatal(err)
	}
	trust := x509.NewCertPool()
	trust.AppendCertsFromPEM(text)
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return tlsServer{listener.Addr().String(), "https://localhost:" + port, trust}
}

// client returns a client that speaks one protocol.
func (s tlsServer) client(protocol string, certificates []tls.Certificate) *http.Client {
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{Certificates: certificates, RootCAs: s.trust},
		ForceAttemptHTTP2: protocol == "HTTP/2.0",
	}}
}

func expectAnswer(t *testing.T, client *http.Client, url, protocol, want string) {
	t.Helper()
	response, err := client.Get(url)
	if err == nil {
		_ = response.Body.Close()
		if response.Proto != protocol {
			t.Errorf("answered over %s", response.Proto)
		}
	}
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("err = %v, want %q", err, want)
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

// issue returns a client's certificate.
func (a *authority) issue(t *testing.T, commonName string, dnsNames ...string) []tls.Certificate {
	t.Helper()
	return a.issueFor(t, commonName, time.Hour, dnsNames...)
}

// issueFor returns a client's certificate that is valid for so long from now.
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

func writeCA(t *testing.T, a *authority) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "client-ca.crt")
	replace(t, path, a.pem)
	return path
}

// replace puts a new file in the place of another, as the update of a mounted ConfigMap does.
func replace(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}
