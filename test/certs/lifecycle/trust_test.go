package lifecycle

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/test/certs/cluster"
	"ippool-webhook/test/environment"
)

// caBundles returns the CAs that the API server trusts, by webhook.
func (i *installation) caBundles(ctx context.Context) (map[string][]byte, error) {
	var validating admissionv1.ValidatingWebhookConfiguration
	var mutating admissionv1.MutatingWebhookConfiguration
	name := client.ObjectKey{Name: "ippool-webhook"}
	if err := errors.Join(i.Client.Get(ctx, name, &validating), i.Client.Get(ctx, name, &mutating)); err != nil {
		return nil, err
	}
	bundles := map[string][]byte{}
	for _, w := range validating.Webhooks {
		bundles[w.Name] = w.ClientConfig.CABundle
	}
	for _, w := range mutating.Webhooks {
		bundles[w.Name] = w.ClientConfig.CABundle
	}
	return bundles, nil
}

// awaitTrust awaits that all webhooks trust a CA, in PEM.
func (i *installation) awaitTrust(ctx context.Context, ca []byte) error {
	return environment.Await(ctx, "the CA in every caBundle", func(ctx context.Context) error {
		bundles, err := i.caBundles(ctx)
		for webhook, bundle := range bundles {
			if !contains(bundle, ca) {
				return fmt.Errorf("%s does not trust the CA", webhook)
			}
		}
		return err
	})
}

// verify verifies a certificate with a bundle, as the API server does when it calls the Service.
func verify(leaf *x509.Certificate, bundle []byte) error {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(bundle) {
		return errors.New("the bundle has no certificate")
	}
	_, err := leaf.Verify(x509.VerifyOptions{
		DNSName: cluster.ServerName, Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	return err
}

// contains reports whether a bundle contains a certificate, both in PEM.
func contains(bundle, certificate []byte) bool {
	return bytes.Contains(bundle, bytes.TrimSpace(certificate))
}
