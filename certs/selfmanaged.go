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
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// SelfManaged configures the source that issues its own certificates.
type SelfManaged struct {
	// Config is the connection to the API server.
	Config *rest.Config
	// Secret stores the CA, the serving certificate, and their keys. It must exist and may be empty.
	Secret types.NamespacedName
	// Service is the name of the Service in front of the webhook, in the namespace of the Secret.
	Service string
	// Webhooks is the name of the ValidatingWebhookConfiguration and of the MutatingWebhookConfiguration that must trust the CA. A
	// configuration that does not exist is skipped.
	Webhooks string
}

// selfManaged is the source that reads the Secret, which the replicas write.
type selfManaged struct {
	SelfManaged
	log       logr.Logger
	changed   func()                          // called when the certificate has changed
	failCount atomic.Uint64                   // number of failures
	ready     atomic.Pointer[tls.Certificate] // the last certificate that the webhook configurations trusted, or nil
	failure   atomic.Pointer[string]          // why there is no newer certificate
}

// NewSelfManaged returns the source that creates its own CA and serving certificate, renews them before they expire, and writes the
// CA into the webhook configurations. All replicas share one Secret. A replica serves a new certificate only after the webhook
// configurations trust it, and the previous certificate stays trusted: no webhook call fails during a renewal.
func NewSelfManaged(o SelfManaged, log logr.Logger) *Source {
	m := &selfManaged{SelfManaged: o, log: log}
	m.wait("starting")
	source := &Source{Name: "self-managed", latest: m.ready.Load, missing: m.missing, failures: m.failures, watch: m.watch, log: log}
	m.changed = func() { source.refresh() }
	return source
}

func (m *selfManaged) missing() error {
	return fmt.Errorf("there is no certificate to serve yet: %s", *m.failure.Load())
}

// take makes a certificate the latest one. It clears the last failure: if the same failure occurs again, it is logged again.
func (m *selfManaged) take(certificate *tls.Certificate) {
	m.ready.Store(certificate)
	m.failure.Store(new(string))
	m.changed()
}

func (m *selfManaged) failures() float64 { return float64(m.failCount.Load()) }

// fail counts a failure and records the reason.
func (m *selfManaged) fail(reason string) {
	m.wait(reason)
	m.failCount.Add(1)
}

// wait records why there is no newer certificate, and logs the reason if it has changed.
func (m *selfManaged) wait(reason string) {
	before := m.failure.Swap(&reason)
	if before == nil || *before == reason {
		return
	}
	if m.ready.Load() == nil {
		m.log.Info("waiting for a certificate", "reason", reason)
	} else {
		m.log.Info("keeping the current certificate", "reason", reason)
	}
}

// watch keeps the certificate current until ctx ends. It continues after errors.
func (m *selfManaged) watch(ctx context.Context) error {
	wait.UntilWithContext(ctx, func(ctx context.Context) {
		if err := m.run(ctx); err != nil && ctx.Err() == nil {
			m.fail(err.Error())
		}
	}, retryInterval)
	return nil
}

// run runs the controllers until ctx ends or the manager fails.
func (m *selfManaged) run(ctx context.Context) error {
	if err := m.preflight(ctx); err != nil {
		return err
	}
	mgr, err := m.newManager()
	if err != nil {
		return err
	}
	if err := errors.Join(m.addRotation(mgr), m.addServing(mgr)); err != nil {
		return err
	}
	return mgr.Start(ctx)
}

// addController adds a controller that reconciles when the Secret or a webhook configuration changes.
func (m *selfManaged) addController(mgr manager.Manager, name string, r reconcile.Reconciler) error {
	skip := true // after a failure, a new manager uses the names of the controllers again
	theSecret := handler.EnqueueRequestsFromMapFunc(func(context.Context, client.Object) []reconcile.Request {
		return []reconcile.Request{{NamespacedName: m.Secret}}
	})
	return builder.ControllerManagedBy(mgr).
		Named(name).
		For(&corev1.Secret{}).
		Watches(&admissionregistrationv1.ValidatingWebhookConfiguration{}, theSecret).
		Watches(&admissionregistrationv1.MutatingWebhookConfiguration{}, theSecret).
		WithOptions(controller.Options{SkipNameValidation: &skip}).
		Complete(r)
}

// preflightTimeout is the maximum time for all requests of preflight together.
const preflightTimeout = 30 * time.Second

// preflight returns an error if the API server cannot be reached or a permission to read is missing. While the Secret has no
// certificate, it also checks the permissions to write. The controllers would retry for minutes without a clear error.
func (m *selfManaged) preflight(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, preflightTimeout)
	defer cancel()
	c, err := client.New(m.Config, client.Options{})
	if err != nil {
		return err
	}
	var secret corev1.Secret
	if err := c.Get(ctx, m.Secret, &secret); err != nil {
		return m.noSecret(err)
	}
	webhooks := client.MatchingFieldsSelector{Selector: named(m.Webhooks)}
	err = errors.Join(
		c.List(ctx, &corev1.SecretList{}, client.InNamespace(m.Secret.Namespace), client.MatchingFieldsSelector{Selector: named(m.Secret.Name)}),
		c.List(ctx, &admissionregistrationv1.ValidatingWebhookConfigurationList{}, webhooks),
		c.List(ctx, &admissionregistrationv1.MutatingWebhookConfigurationList{}, webhooks),
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

// noSecret returns the error for a Secret that cannot be read.
func (m *selfManaged) noSecret(err error) error {
	return fmt.Errorf("cannot read the Secret %s, which must exist and may be empty: %w", m.Secret, err)
}

// tryUpdate updates an object as a dry run. It returns an error if the object exists and the user cannot write it.
func tryUpdate(ctx context.Context, c client.Client, o client.Object) error {
	if o.GetUID() == "" {
		return nil
	}
	err := c.Update(ctx, o, client.DryRunAll)
	if apierrors.IsConflict(err) { // another replica has written the object
		return nil
	}
	return err
}

// newManager returns a manager whose cache contains only the Secret and the webhook configurations: the RBAC permissions are
// restricted to the names of these objects.
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

// named returns a field selector for the object with a name.
func named(name string) fields.Selector { return fields.OneTermEqualSelector("metadata.name", name) }
