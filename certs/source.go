// Package certs holds the sources of the certificate that the webhook serves.
package certs

import (
	"context"
	"crypto/tls"
	"fmt"
	"sync"
	"time"

	"github.com/go-logr/logr"
)

// Source serves a certificate and keeps it current.
type Source struct {
	// Name is the value of --cert-source that stands for it.
	Name string

	latest   func() *tls.Certificate // that could be loaded; nil while there is none
	missing  func() error            // why there is none
	failures func() float64          // how often one could not be loaded
	watch    func(ctx context.Context) error
	log      logr.Logger

	mu      sync.Mutex
	served  *tls.Certificate
	refused *tls.Certificate // the latest one, if it is not served
	reloads int              // how often served took the place of another
}

// GetCertificate is for tls.Config.GetCertificate.
func (s *Source) GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	certificate := s.current()
	if certificate == nil {
		return nil, s.missing()
	}
	return certificate, nil
}

// Start keeps the certificate current until ctx ends.
func (s *Source) Start(ctx context.Context) error { return s.watch(ctx) }

// NeedLeaderElection says that every replica keeps its own certificate current.
func (s *Source) NeedLeaderElection() bool { return false }

// Expiry returns when the certificate that is served expires, and false while there is none.
func (s *Source) Expiry() (time.Time, bool) {
	certificate := s.current()
	if certificate == nil {
		return time.Time{}, false
	}
	return certificate.Leaf.NotAfter, true
}

// Check returns an error unless a certificate is served that clients can accept at time now.
func (s *Source) Check(now time.Time) error {
	certificate := s.current()
	if certificate == nil {
		return s.missing()
	}
	return checkValidity(certificate, now)
}

// current returns the latest certificate. One that clients cannot accept, because it is expired or not valid yet, does not
// take the place of one that they can.
func (s *Source) current() *tls.Certificate {
	s.mu.Lock()
	defer s.mu.Unlock()
	latest, now := s.latest(), time.Now() // under the lock: who has read the one before must not put it back
	if latest == nil || latest == s.served {
		return s.served
	}
	invalid := checkValidity(latest, now)
	if invalid == nil || s.served == nil || checkValidity(s.served, now) != nil {
		s.serve(latest)
	} else if latest != s.refused {
		s.refused = latest
		s.log.Info("the certificate stays as it was", "reason", invalid.Error())
	}
	return s.served
}

// serve takes a certificate into service.
func (s *Source) serve(certificate *tls.Certificate) {
	if s.served != nil {
		s.reloads++
	}
	s.served = certificate
	s.log.Info("serving a certificate", "notBefore", certificate.Leaf.NotBefore, "notAfter", certificate.Leaf.NotAfter)
}

// replaced returns how often the certificate that is served took the place of another.
func (s *Source) replaced() int {
	s.current()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reloads
}

// checkValidity returns an error unless time now is between the dates of a certificate.
func checkValidity(certificate *tls.Certificate, now time.Time) error {
	if leaf := certificate.Leaf; now.After(leaf.NotAfter) {
		return fmt.Errorf("the certificate expired at %s", leaf.NotAfter.UTC().Format(time.RFC3339))
	} else if now.Before(leaf.NotBefore) {
		return fmt.Errorf("the certificate is not valid before %s", leaf.NotBefore.UTC().Format(time.RFC3339))
	}
	return nil
}
