// Package certs holds the sources of the certificate that the webhook serves.
package certs

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"
)

// Source serves a certificate and keeps it current.
type Source struct {
	// Name is the value of --cert-source that stands for it.
	Name string

	current func() *tls.Certificate // nil while there is none
	missing func() error            // why there is none
	watch   func(ctx context.Context) error
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
	if leaf := certificate.Leaf; now.After(leaf.NotAfter) {
		return fmt.Errorf("the certificate expired at %s", leaf.NotAfter.UTC().Format(time.RFC3339))
	} else if now.Before(leaf.NotBefore) {
		return fmt.Errorf("the certificate is not valid before %s", leaf.NotBefore.UTC().Format(time.RFC3339))
	}
	return nil
}
