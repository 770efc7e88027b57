package certs

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"slices"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// trustDelay is for how long the webhook configurations must have stayed as they are until what they trust is served. The
// API servers learn of them through watches, within milliseconds as a rule; where there are several, nothing tells when all
// have.
const trustDelay = 10 * time.Second

// serving chooses the certificate that is served.
type serving struct {
	source *selfManaged
	client client.Reader

	bundles [][]byte // as last seen
	changed time.Time
}

// addServing adds the controller that serves what is in the Secret.
func (m *selfManaged) addServing(mgr manager.Manager) error {
	known := true // to a manager that failed, in whose place this one is
	theSecret := handler.EnqueueRequestsFromMapFunc(func(context.Context, client.Object) []reconcile.Request {
		return []reconcile.Request{{NamespacedName: m.Secret}}
	})
	return builder.ControllerManagedBy(mgr).
		Named("serving-certificate").
		For(&corev1.Secret{}).
		Watches(&admissionregistrationv1.ValidatingWebhookConfiguration{}, theSecret).
		Watches(&admissionregistrationv1.MutatingWebhookConfiguration{}, theSecret).
		WithOptions(controller.Options{SkipNameValidation: &known}).
		Complete(&serving{source: m, client: mgr.GetClient()})
}

// Reconcile serves the certificate in the Secret once the API servers trust it. It serves it at once where nothing else that
// is trusted is served.
func (s *serving) Reconcile(ctx context.Context, _ reconcile.Request) (reconcile.Result, error) {
	if err := s.look(ctx); err != nil {
		return reconcile.Result{}, err
	}
	latest, err := s.read(ctx)
	if err != nil {
		s.source.fail(err.Error())
		return reconcile.Result{}, nil // until the Secret changes
	}
	served := s.source.ready.Load()
	if latest == nil {
		return reconcile.Result{}, nil // until the rotator has filled the Secret
	}
	if served != nil && served.Leaf.Equal(latest.Leaf) {
		s.source.take(served)
		return reconcile.Result{}, nil
	}
	if err := s.source.trusted(s.bundles, latest); err != nil {
		s.source.wait(err.Error())
		return reconcile.Result{}, nil // until a webhook configuration changes
	}
	wait := trustDelay - time.Since(s.changed)
	if wait > 0 && served != nil && s.source.trusted(s.bundles, served) == nil {
		return reconcile.Result{RequeueAfter: wait}, nil
	}
	if len(s.bundles) == 0 {
		s.source.log.Info("nobody has to trust the certificate: there are no webhook configurations of this name", "name", s.source.Webhooks)
	}
	s.source.take(latest)
	return reconcile.Result{}, nil
}

// look sees what the webhook configurations trust, and notes when that has changed.
func (s *serving) look(ctx context.Context) error {
	bundles, err := s.source.bundles(ctx, s.client)
	if err != nil {
		return err
	}
	if !slices.EqualFunc(bundles, s.bundles, bytes.Equal) {
		s.bundles, s.changed = bundles, time.Now()
	}
	return nil
}

// read returns the certificate in the Secret, and nil while it has none.
func (s *serving) read(ctx context.Context) (*tls.Certificate, error) {
	var secret corev1.Secret
	if err := s.client.Get(ctx, s.source.Secret, &secret); err != nil {
		return nil, fmt.Errorf("want a Secret %s, which may be empty: %w", s.source.Secret, err)
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
