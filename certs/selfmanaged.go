package certs

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

// SelfManaged says for what certificates are made, and where they are kept.
type SelfManaged struct {
	// Config is how the API server is reached.
	Config *rest.Config
	// Secret keeps the CA and the serving certificate, with their keys. It must be there; it may be empty.
	Secret types.NamespacedName
	// Service is the name of the Service, in the namespace of the Secret, as which the API server calls the webhook.
	Service string
	// Webhooks is the name of the two webhook configurations that shall trust the CA. One that is not there is left out.
	Webhooks string
}

// selfManaged is the source of a Secret that is filled by the replicas themselves.
type selfManaged struct {
	SelfManaged
	log      logr.Logger
	attempts int                             // to run
	unusable atomic.Uint64                   // how often there was none to load
	ready    atomic.Pointer[tls.Certificate] // trusted by the webhook configurations; nil until there is one
	failure  atomic.Pointer[string]          // why there is none
}

// NewSelfManaged returns the source that makes its own CA and serving certificate, renews them before they expire, and makes
// the webhook configurations trust them. All replicas share one Secret and agree through it. A certificate is served once
// the webhook configurations trust it, and the one before it stays trusted: no call fails while they change.
func NewSelfManaged(o SelfManaged, log logr.Logger) *Source {
	m := &selfManaged{SelfManaged: o, log: log}
	m.wait("starting")
	return &Source{Name: "self-managed", latest: m.ready.Load, missing: m.missing, failures: m.failures, watch: m.watch, log: log}
}

func (m *selfManaged) missing() error {
	return fmt.Errorf("there is no certificate to serve yet: %s", *m.failure.Load())
}

// take makes a certificate the latest. What was wrong before is told again if it comes back.
func (m *selfManaged) take(certificate *tls.Certificate) {
	m.ready.Store(certificate)
	m.failure.Store(new(string))
}

func (m *selfManaged) failures() float64 { return float64(m.unusable.Load()) }

// fail counts a failure, and notes why.
func (m *selfManaged) fail(reason string) {
	m.wait(reason)
	m.unusable.Add(1)
}

// wait notes why there is no other certificate, and says so when the reason is another than before.
func (m *selfManaged) wait(reason string) {
	before := m.failure.Swap(&reason)
	if before == nil || *before == reason {
		return
	}
	if m.ready.Load() == nil {
		m.log.Info("waiting for a certificate", "reason", reason)
	} else {
		m.log.Info("the certificate stays as it was", "reason", reason)
	}
}

// watch keeps the certificate current until ctx ends. Nothing else ends it.
func (m *selfManaged) watch(ctx context.Context) error {
	wait.UntilWithContext(ctx, func(ctx context.Context) {
		if err := m.run(ctx); err != nil && ctx.Err() == nil {
			m.fail(err.Error())
		}
	}, retryInterval)
	return nil
}

// run runs what makes certificates and what serves them, until ctx ends or one of them fails.
func (m *selfManaged) run(ctx context.Context) error {
	if err := m.preflight(ctx); err != nil {
		return err
	}
	mgr, err := m.newManager()
	if err != nil {
		return err
	}
	m.attempts++
	if err := m.addRotator(mgr, fmt.Sprintf("cert-rotator-%d", m.attempts)); err != nil {
		return err
	}
	if err := m.addServing(mgr); err != nil {
		return err
	}
	return mgr.Start(ctx)
}

// preflightTimeout bounds all requests of preflight together.
const preflightTimeout = 30 * time.Second

// preflight returns an error that says what is missing where the API server cannot be reached, or does not let us read what
// we must; nor write, as long as there is nothing to serve. Controllers would try again for minutes, and say less.
func (m *selfManaged) preflight(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, preflightTimeout)
	defer cancel()
	c, err := client.New(m.Config, client.Options{})
	if err != nil {
		return err
	}
	var secret corev1.Secret
	if err := c.Get(ctx, m.Secret, &secret); err != nil {
		return fmt.Errorf("want a Secret %s, which may be empty, and the right to read it: %w", m.Secret, err)
	}
	inNamespace := client.InNamespace(m.Secret.Namespace)
	err = errors.Join(
		c.List(ctx, &corev1.SecretList{}, inNamespace, client.Limit(1)),
		c.List(ctx, &admissionregistrationv1.ValidatingWebhookConfigurationList{}, client.Limit(1)),
		c.List(ctx, &admissionregistrationv1.MutatingWebhookConfigurationList{}, client.Limit(1)),
	)
	if err != nil || len(secret.Data[CertificateFile]) > 0 {
		return err
	}
	validating, mutating, err := m.configurations(ctx, c)
	if err != nil {
		return err
	}
	return errors.Join(tryUpdate(ctx, c, &secret), tryUpdate(ctx, c, validating), tryUpdate(ctx, c, mutating))
}

// tryUpdate returns an error where an object, if it is there, could not be written.
func tryUpdate(ctx context.Context, c client.Client, o client.Object) error {
	if o.GetUID() == "" {
		return nil
	}
	err := c.Update(ctx, o, client.DryRunAll)
	if apierrors.IsConflict(err) { // somebody else can
		return nil
	}
	return err
}

// newManager returns a manager whose cache has the Secret and the webhook configurations, and no others of their kinds. The
// rotator has a cache of its own, with all of them.
func (m *selfManaged) newManager() (manager.Manager, error) {
	webhooks := cache.ByObject{Field: named(m.Webhooks)}
	return manager.New(m.Config, manager.Options{
		Logger:  m.log,
		Metrics: metricsserver.Options{BindAddress: "0"}, // the server has its own
		Cache: cache.Options{ByObject: map[client.Object]cache.ByObject{
			&corev1.Secret{}: {Namespaces: map[string]cache.Config{m.Secret.Namespace: {FieldSelector: named(m.Secret.Name)}}},
			&admissionregistrationv1.ValidatingWebhookConfiguration{}: webhooks,
			&admissionregistrationv1.MutatingWebhookConfiguration{}:   webhooks,
		}},
	})
}

// named selects the object with a name.
func named(name string) fields.Selector { return fields.OneTermEqualSelector("metadata.name", name) }
