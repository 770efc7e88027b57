package certs

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
)

// ClientAuth lets only clients connect that have a certificate of a CA, such as the API server.
type ClientAuth struct {
	path  string
	names []string
	log   logr.Logger

	mu       sync.Mutex
	pool     *x509.CertPool
	modified time.Time // of the file, when it was last read
}

// NewClientAuth returns a ClientAuth for the CAs in the PEM file at path, and reads the file again when it changes. If the
// changed file cannot be used, it keeps the current CAs. Names are the allowed common names and DNS names of client
// certificates; without names, every certificate of the CAs is allowed. The error says why the file cannot be used.
func NewClientAuth(path string, names []string, log logr.Logger) (*ClientAuth, error) {
	a := &ClientAuth{path: path, names: names, log: log}
	if err := a.load(); err != nil {
		return nil, fmt.Errorf("cannot read the CAs of clients: %w", err)
	}
	return a, nil
}

// Configure makes a server require certificates of its clients. Sessions are not resumed, because a resumed session is not
// verified against CAs that have changed. A nil ClientAuth changes nothing.
func (a *ClientAuth) Configure(c *tls.Config) {
	if a == nil {
		return
	}
	c.ClientAuth = tls.RequireAndVerifyClientCert
	c.ClientCAs = a.current()
	c.SessionTicketsDisabled = true
	c.VerifyConnection = a.verify
	c.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		forClient := c.Clone()
		forClient.GetConfigForClient, forClient.ClientCAs = nil, a.current()
		return forClient, nil
	}
}

// verify returns an error unless the certificate of the client, which a CA has signed, has an allowed name.
func (a *ClientAuth) verify(state tls.ConnectionState) error {
	if len(a.names) == 0 {
		return nil
	}
	leaf := state.PeerCertificates[0] // the handshake has failed without one
	for _, name := range append([]string{leaf.Subject.CommonName}, leaf.DNSNames...) {
		if slices.Contains(a.names, name) {
			return nil
		}
	}
	return fmt.Errorf("the client's certificate has the names %q %q; allowed are %s",
		leaf.Subject.CommonName, leaf.DNSNames, strings.Join(a.names, ", "))
}

// current returns the CAs of the file, or those of its last content that could be used.
func (a *ClientAuth) current() *x509.CertPool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if at := modified(a.path); !at.Equal(a.modified) {
		if err := a.load(); err != nil {
			a.log.Info("keeping the current client CAs", "reason", err.Error())
		}
	}
	return a.pool
}

// modified returns the modification time of a file, or the zero time if it does not exist.
func modified(path string) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// load reads the file.
func (a *ClientAuth) load() error {
	a.modified = modified(a.path)
	text, err := os.ReadFile(a.path)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return fmt.Errorf("%s has no certificate in PEM", a.path)
	}
	a.pool = pool
	return nil
}
