package certs

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// rotation creates the certificates in the Secret, renews them before they expire, and writes the CA into the webhook
// configurations. Each of its writes triggers another reconciliation.
type rotation struct {
	source *selfManaged
	issuer *issuer
	client client.Client
	// live reads from the API server and not from the cache: inject must write back every field.
	live client.Reader
}

// addRotation adds the controller that renews certificates.
func (m *selfManaged) addRotation(mgr manager.Manager) error {
	return m.addController(mgr, "rotation", &rotation{
		source: m, issuer: newIssuer(m.Service, m.host()), client: mgr.GetClient(), live: mgr.GetAPIReader(),
	})
}

// Reconcile writes the Secret if a certificate is due for renewal. Otherwise it writes the CA into the webhook configurations, if
// necessary, and returns the time until the next renewal.
func (r *rotation) Reconcile(ctx context.Context, _ reconcile.Request) (reconcile.Result, error) {
	var secret corev1.Secret
	if err := r.client.Get(ctx, r.source.Secret, &secret); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err) // the serving controller reports a missing Secret
	}
	bundles, err := r.source.bundles(ctx, r.client)
	if err != nil {
		return reconcile.Result{}, err
	}
	renewed, err := r.issuer.issue(secret.Data, bundles, time.Now())
	switch {
	case err != nil:
		return reconcile.Result{}, r.failed(err)
	case renewed != nil:
		secret.Data = renewed
		return reconcile.Result{}, r.failed(r.client.Update(ctx, &secret, fieldOwner))
	default:
		due := time.Until(renewal(secret.Data)) + time.Second // at NotAfter itself, a certificate is still valid
		return reconcile.Result{RequeueAfter: due}, r.failed(r.trust(ctx, secret.Data[CAFile], bundles))
	}
}

// failed records the error of a write and returns it, so that the controller retries. A conflict is not an error: another replica has
// written the object, and the watch triggers another reconciliation.
func (r *rotation) failed(err error) error {
	if err == nil || apierrors.IsConflict(err) {
		return nil
	}
	r.source.fail(err.Error())
	return err
}

const fieldOwner = client.FieldOwner("ippool-webhook")

// trust writes a CA bundle into the webhook configurations, unless all webhooks already have it.
func (r *rotation) trust(ctx context.Context, bundle []byte, bundles [][]byte) error {
	current := true
	for _, b := range bundles {
		current = current && bytes.Equal(b, bundle)
	}
	if current {
		return nil
	}
	return errors.Join(r.inject(ctx, "ValidatingWebhookConfiguration", bundle), r.inject(ctx, "MutatingWebhookConfiguration", bundle))
}

// inject writes a CA bundle into each webhook of a configuration. It skips a configuration that does not exist. It reads the object
// as unstructured: the update keeps fields that this program does not know.
func (r *rotation) inject(ctx context.Context, kind string, bundle []byte) error {
	var configuration unstructured.Unstructured
	configuration.SetGroupVersionKind(schema.GroupVersionKind{Group: admissionregistrationv1.GroupName, Version: "v1", Kind: kind})
	if err := r.live.Get(ctx, types.NamespacedName{Name: r.source.Webhooks}, &configuration); err != nil {
		return client.IgnoreNotFound(err)
	}
	webhooks, _, err := unstructured.NestedSlice(configuration.Object, "webhooks")
	if err != nil {
		return err
	}
	for _, webhook := range webhooks {
		fields, _ := webhook.(map[string]any) // the API server stores only objects in this list
		if err := unstructured.SetNestedField(fields, base64.StdEncoding.EncodeToString(bundle), "clientConfig", "caBundle"); err != nil {
			return err
		}
	}
	if err := unstructured.SetNestedSlice(configuration.Object, webhooks, "webhooks"); err != nil {
		return err
	}
	return r.client.Update(ctx, &configuration, fieldOwner)
}
