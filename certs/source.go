// Package certs holds the sources of the certificate that the webhook serves.
package certs

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"
)

// Source serves a certificate and keeps it current.
type Source struct {
	current func() *tls.Certificate
	watch   func(ctx context.Context) error
}

// GetCertificate is for tls.Config.GetCertificate.
func (s *Source) GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	certificate := s.current()
	if certificate == nil {
		return nil, errors.New("no certificate has been loaded")
	}
	return certificate, nil
}

// Start keeps the certificate current until ctx ends.
func (s *Source) Start(ctx context.Context) error { return s.watch(ctx) }

// NeedLeaderElection says that every replica keeps its own certificate current.
func (s *Source) NeedLeaderElection() bool { return false }

// Check returns an error unless a certificate is served that clients can accept at time now.
func (s *Source) Check(now time.Time) error {
	certificate := s.current()
	if certificate == nil || certificate.Leaf == nil {
		return errors.New("no certificate has been loaded")
	}
	if leaf := certificate.Leaf; now.After(leaf.NotAfter) {
		return fmt.Errorf("the certificate expired at %s", leaf.NotAfter.UTC().Format(time.RFC3339))
	} else if now.Before(leaf.NotBefore) {
		return fmt.Errorf("the certificate is not valid before %s", leaf.NotBefore.UTC().Format(time.RFC3339))
	}
	return nil
}
