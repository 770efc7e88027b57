package certs

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// trustDelay is the minimum time between a change of the webhook configurations and the use of the certificate that they then
// trust. API servers watch the webhook configurations and usually receive a change within milliseconds, but a replica cannot find
// out when all API servers have received it.
const trustDelay = 10 * time.Second

// serving chooses the certificate to serve.
type serving struct {
	source *selfManaged
	client client.Reader

	bundles [][]byte  // CA bundles in the webhook configurations, when they were last read
	changed time.Time // when bundles last changed
}

// addServing adds the controller that serves the certificate in the Secret.
func (m *selfManaged) addServing(mgr manager.Manager) error {
	return m.addController(mgr, "serving-certificate", &serving{source: m, client: mgr.GetClient()})
}

// Reconcile serves the certificate in the Secret once the API servers trust it.
func (s *serving) Reconcile(ctx context.Context, _ reconcile.Request) (reconcile.Result, error) {
	if err := s.readBundles(ctx); err != nil {
		return reconcile.Result{}, err
	}
	latest, err := s.readCertificate(ctx)
	if err != nil {
		s.source.fail(err.Error())
		return reconcile.Result{}, nil // the Secret must change first
	}
	if latest == nil {
		return reconcile.Result{}, nil // the Secret must get a certificate first
	}
	return reconcile.Result{RequeueAfter: s.serve(latest)}, nil
}

// serve serves the latest certificate if the API servers trust it. Otherwise it records the reason, or returns the rest of
// trustDelay.
func (s *serving) serve(latest *tls.Certificate) time.Duration {
	served := s.source.ready.Load()
	if served != nil && served.Leaf.Equal(latest.Leaf) {
		s.source.take(served)
		return 0
	}
	if err := s.source.trusted(s.bundles, latest); err != nil {
		s.source.wait(err.Error())
		return 0
	}
	if delay := trustDelay - time.Since(s.changed); delay > 0 && s.trusts(served) {
		return delay
	}
	if len(s.bundles) == 0 {
		s.source.log.Info("found no webhook configuration that must trust the certificate", "name", s.source.Webhooks)
	}
	s.source.take(latest)
	return 0
}

// trusts reports whether the certificate is not nil and the webhook configurations trust it.
func (s *serving) trusts(certificate *tls.Certificate) bool {
	return certificate != nil && s.source.trusted(s.bundles, certificate) == nil
}

// readBundles reads the CA bundles of the webhook configurations, and records the time of their last change.
func (s *serving) readBundles(ctx context.Context) error {
	bundles, err := s.source.bundles(ctx, s.client)
	if err != nil {
		return err
	}
	if !slices.EqualFunc(bundles, s.bundles, bytes.Equal) {
		s.bundles, s.changed = bundles, time.Now()
	}
	return nil
}

// readCertificate returns the certificate in the Secret, or nil if the Secret has no certificate yet.
func (s *serving) readCertificate(ctx context.Context) (*tls.Certificate, error) {
	var secret corev1.Secret
	if err := s.client.Get(ctx, s.source.Secret, &secret); err != nil {
		return nil, s.source.noSecret(err)
	}
	chain, key := secret.Data[CertificateFile], secret.Data[KeyFile]
	if len(chain) == 0 || len(key) == 0 {
		return nil, nil
	}
	certificate, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return nil, fmt.Errorf("the Secret %s has no certificate to serve in %s and %s: %w", s.source.Secret, CertificateFile, KeyFile, err)
	}
	return &certificate, nil
}
