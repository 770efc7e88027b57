package certs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// host returns the DNS name with which the API server calls the webhook.
func (m *selfManaged) host() string { return fmt.Sprintf("%s.%s.svc", m.Service, m.Secret.Namespace) }

// bundles returns the caBundle of each webhook in the two configurations, in PEM. It is nil for a webhook without caBundle.
func (m *selfManaged) bundles(ctx context.Context, c client.Reader) ([][]byte, error) {
	validating, mutating, err := m.configurations(ctx, c)
	if err != nil {
		return nil, err
	}
	var bundles [][]byte
	for i := range validating.Webhooks {
		bundles = append(bundles, validating.Webhooks[i].ClientConfig.CABundle)
	}
	for i := range mutating.Webhooks {
		bundles = append(bundles, mutating.Webhooks[i].ClientConfig.CABundle)
	}
	return bundles, nil
}

// configurations returns the webhook configurations. A configuration that does not exist is empty.
func (m *selfManaged) configurations(ctx context.Context, c client.Reader) (
	*admissionregistrationv1.ValidatingWebhookConfiguration, *admissionregistrationv1.MutatingWebhookConfiguration, error,
) {
	var validating admissionregistrationv1.ValidatingWebhookConfiguration
	var mutating admissionregistrationv1.MutatingWebhookConfiguration
	for _, configuration := range []client.Object{&validating, &mutating} {
		if err := c.Get(ctx, client.ObjectKey{Name: m.Webhooks}, configuration); client.IgnoreNotFound(err) != nil {
			return nil, nil, err
		}
	}
	return &validating, &mutating, nil
}

// trusted returns an error unless every bundle verifies a certificate.
func (m *selfManaged) trusted(bundles [][]byte, certificate *tls.Certificate) error {
	for _, bundle := range bundles {
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(bundle)
		if _, err := certificate.Leaf.Verify(x509.VerifyOptions{DNSName: m.host(), Roots: roots}); err != nil {
			return fmt.Errorf("the webhook configurations %s do not trust the certificate in the Secret %s yet: %w", m.Webhooks, m.Secret, err)
		}
	}
	return nil
}
