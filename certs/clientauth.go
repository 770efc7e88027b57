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

// ClientAuth lets only clients with a certificate of a CA connect, such as the API server's.
type ClientAuth struct {
	path  string
	names []string
	log   logr.Logger

	mu       sync.Mutex
	pool     *x509.CertPool
	modified time.Time // of the file that pool was last tried to be read from
}

// NewClientAuth returns a ClientAuth for the CAs in the PEM file at path, which is read again when it changes; a change that
// cannot be used leaves the CAs as they were. Names are the common names and DNS names of which a client's certificate must
// have one; none lets all of the CA's certificates pass. It is an error when the file has no certificate to begin with.
func NewClientAuth(path string, names []string, log logr.Logger) (*ClientAuth, error) {
	a := &ClientAuth{path: path, names: names, log: log}
	if err := a.load(); err != nil {
		return nil, fmt.Errorf("--client-ca-file cannot be used: %w", err)
	}
	return a, nil
}

// Configure makes a server's configuration ask for certificates. Sessions are not resumed: a resumed one is not held against
// a CA that has changed meanwhile. A nil ClientAuth changes nothing.
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

// verify returns an error unless the client, whose certificate is one of the CA's, has a name that is allowed.
func (a *ClientAuth) verify(state tls.ConnectionState) error {
	if len(a.names) == 0 {
		return nil
	}
	leaf := state.PeerCertificates[0] // without one, the handshake has ended before
	for _, name := range append([]string{leaf.Subject.CommonName}, leaf.DNSNames...) {
		if slices.Contains(a.names, name) {
			return nil
		}
	}
	return fmt.Errorf("the client's certificate is of %q %q; --client-allowed-names has %s",
		leaf.Subject.CommonName, leaf.DNSNames, strings.Join(a.names, ", "))
}

// current returns the CAs of the file as it is now, or as it last could be used.
func (a *ClientAuth) current() *x509.CertPool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if at := modified(a.path); !at.Equal(a.modified) {
		if err := a.load(); err != nil {
			a.log.Info("the client CAs stay as they were", "reason", err.Error())
		}
	}
	return a.pool
}

// modified returns when a file was written, and the zero time where there is none.
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
