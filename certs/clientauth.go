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

// ClientAuth requires a client certificate that a CA has signed. It can, for example, admit only the API server.
type ClientAuth struct {
	path  string
	names []string
	log   logr.Logger

	mu       sync.Mutex
	pool     *x509.CertPool
	modified time.Time // of the file, when it was last read
}

// NewClientAuth returns a ClientAuth for the CAs in the PEM file at path. It returns an error if the file is invalid. When the file
// changes, ClientAuth reads it again; if the new content is invalid, it keeps the current CAs. Names are the allowed common names
// and DNS names of client certificates. Without names, every certificate of the CAs is allowed.
func NewClientAuth(path string, names []string, log logr.Logger) (*ClientAuth, error) {
	a := &ClientAuth{path: path, names: names, log: log}
	if err := a.load(); err != nil {
		return nil, fmt.Errorf("cannot read the client CAs: %w", err)
	}
	return a, nil
}

// Configure makes a server require client certificates. It turns off session resumption: a resumed session is not verified against
// CAs that have changed. A nil ClientAuth changes nothing.
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

// verify returns an error unless the client certificate has an allowed name. The handshake has already verified the certificate
// against the CAs.
func (a *ClientAuth) verify(state tls.ConnectionState) error {
	if len(a.names) == 0 {
		return nil
	}
	leaf := state.PeerCertificates[0] // without a certificate, the handshake fails earlier
	for _, name := range append([]string{leaf.Subject.CommonName}, leaf.DNSNames...) {
		if slices.Contains(a.names, name) {
			return nil
		}
	}
	return fmt.Errorf("the client certificate has the common name %q and the DNS names %q; allowed names are %s",
		leaf.Subject.CommonName, leaf.DNSNames, strings.Join(a.names, ", "))
}

// current returns the CAs of the last valid content of the file.
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
		return fmt.Errorf("%s contains no certificate in PEM", a.path)
	}
	a.pool = pool
	return nil
}
