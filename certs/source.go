// Package certs contains the sources of the serving certificate.
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
	// Name is the label source of the metrics: files, self-managed or dev.
	Name string

	latest   func() *tls.Certificate         // returns the last certificate that was loaded, or nil
	missing  func() error                    // returns why there is no certificate
	failures func() float64                  // returns the number of failures to load a certificate
	watch    func(ctx context.Context) error // loads new certificates until ctx ends
	log      logr.Logger

	mu       sync.Mutex
	served   *tls.Certificate
	rejected *tls.Certificate // the latest certificate, if it is not served
	reloads  int              // number of times that served replaced another certificate
}

// GetCertificate implements tls.Config.GetCertificate.
func (s *Source) GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	if certificate := s.refresh(); certificate != nil {
		return certificate, nil
	}
	return nil, s.missing()
}

// Start keeps the certificate current until ctx ends.
func (s *Source) Start(ctx context.Context) error { return s.watch(ctx) }

// NeedLeaderElection returns false: every replica keeps its own certificate current.
func (s *Source) NeedLeaderElection() bool { return false }

// Expiry returns the time at which the certificate expires, or false if there is no certificate. It does not change the state.
func (s *Source) Expiry() (time.Time, bool) {
	certificate := s.choose(time.Now())
	if certificate == nil {
		return time.Time{}, false
	}
	return certificate.Leaf.NotAfter, true
}

// Check returns an error if there is no certificate, or if the certificate is not valid at time now. It does not change the state.
func (s *Source) Check(now time.Time) error {
	certificate := s.choose(now)
	if certificate == nil {
		return s.missing()
	}
	return checkValidity(certificate, now)
}

// choose returns the certificate to serve at time now, or nil.
func (s *Source) choose(now time.Time) *tls.Certificate {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.prefer(s.latest(), now)
}

// prefer returns the certificate to serve at time now: the latest one, unless it is invalid and the served one is valid.
func (s *Source) prefer(latest *tls.Certificate, now time.Time) *tls.Certificate {
	switch {
	case latest == nil:
		return s.served
	case s.served == nil, checkValidity(latest, now) == nil, checkValidity(s.served, now) != nil:
		return latest
	default:
		return s.served
	}
}

// refresh starts to serve the certificate that is to be served now, and returns it.
func (s *Source) refresh() *tls.Certificate {
	s.mu.Lock()
	defer s.mu.Unlock()
	latest, now := s.latest(), time.Now() // under the lock: a concurrent call must not restore an earlier certificate
	switch certificate := s.prefer(latest, now); {
	case certificate != s.served:
		s.serve(certificate)
	case latest != nil && latest != s.served && latest != s.rejected:
		s.rejected = latest
		s.log.Info("keeping the current certificate", "reason", checkValidity(latest, now).Error())
	}
	return s.served
}

// serve starts to serve a certificate.
func (s *Source) serve(certificate *tls.Certificate) {
	if s.served != nil {
		s.reloads++
	}
	s.served = certificate
	s.log.Info("serving a certificate", "notBefore", certificate.Leaf.NotBefore, "notAfter", certificate.Leaf.NotAfter)
}

// replaced returns the number of times that the served certificate replaced another one.
func (s *Source) replaced() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reloads
}

// checkValidity returns an error if a certificate is expired or not valid yet.
func checkValidity(certificate *tls.Certificate, now time.Time) error {
	if leaf := certificate.Leaf; now.After(leaf.NotAfter) {
		return fmt.Errorf("the certificate expired at %s", leaf.NotAfter.UTC().Format(time.RFC3339))
	} else if now.Before(leaf.NotBefore) {
		return fmt.Errorf("the certificate is not valid before %s", leaf.NotBefore.UTC().Format(time.RFC3339))
	}
	return nil
}
