package lifecycle

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ippool-webhook/test/certs/cluster"
)

// TestInstalled checks the objects of the manifests after the installation.
func TestInstalled(t *testing.T) {
	suite.rows.Run(t, "both Certificates are Ready", func(t *testing.T) {
		for _, name := range []string{authorityName, servingName} {
			if err := checkReady(t.Context(), name); err != nil {
				t.Error(err)
			}
		}
	})
	suite.rows.Run(t, "the serving certificate matches the manifest", expectLeaf)
	suite.rows.Run(t, "all webhooks trust its CA", func(t *testing.T) {
		leaf := mustReadIssued(t, servingName)
		bundles, err := suite.caBundles(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(bundles) != 3 {
			t.Errorf("there are %d webhooks, want 3", len(bundles))
		}
		for webhook, bundle := range bundles {
			if !contains(bundle, leaf.ca) {
				t.Errorf("%s has caBundle %q, want %q", webhook, bundle, leaf.ca)
			}
		}
	})
	suite.rows.Run(t, "all replicas serve it, and report its expiry", func(t *testing.T) {
		leaf := mustReadIssued(t, servingName).leaf
		if err := suite.awaitServed(t.Context(), leaf); err != nil {
			t.Fatal(err)
		}
		for _, replica := range suite.replicas {
			expectExpiry(t, replica, "files", leaf.NotAfter)
		}
	})
	suite.rows.Run(t, "an invalid pool is denied by its rule", func(t *testing.T) {
		if err := checkDenied(suite.create(t.Context(), hostBits()), "range-host-bits"); err != nil {
			t.Error(err)
		}
	})
	suite.rows.Run(t, "a valid pool is allowed and normalized", func(t *testing.T) {
		if err := suite.create(t.Context(), map[string]any{"range": "10.0.0.0/24"}); err != nil {
			t.Error(err)
		}
	})
	suite.rows.Run(t, "the manifests can be applied again", func(t *testing.T) {
		if err := suite.Apply(t.Context(), overlay); err != nil {
			t.Error(err)
		}
		if err := checkDenied(suite.create(t.Context(), hostBits()), "range-host-bits"); err != nil {
			t.Error(err)
		}
	})
}

func expectLeaf(t *testing.T) {
	leaf, authority := mustReadIssued(t, servingName), mustReadIssued(t, authorityName)
	if err := leaf.leaf.CheckSignatureFrom(authority.leaf); err != nil {
		t.Error(err)
	}
	if err := verify(leaf.leaf, leaf.ca); err != nil {
		t.Error(err)
	}
	if public, ok := leaf.leaf.PublicKey.(*ecdsa.PublicKey); !ok || public.Curve != elliptic.P256() {
		t.Errorf("the key of the certificate is a %T, want ECDSA on P-256", leaf.leaf.PublicKey)
	}
	if life := leaf.leaf.NotAfter.Sub(leaf.leaf.NotBefore); life.Round(24*time.Hour) != 90*24*time.Hour {
		t.Errorf("the validity is %s, want 90 days", life)
	}
	want := []string{"ippool-webhook.ippool-webhook.svc", "ippool-webhook.ippool-webhook.svc.cluster.local"}
	if !slices.Equal(leaf.leaf.DNSNames, want) {
		t.Errorf("DNS names %q, want %q", leaf.leaf.DNSNames, want)
	}
}

// expectExpiry expects that the metrics of a replica report this expiry.
func expectExpiry(t *testing.T, replica *cluster.Replica, source string, want time.Time) {
	t.Helper()
	samples, err := replica.Metrics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("ippool_webhook_certificate_expiry_timestamp_seconds{source=%q}", source)
	if got, found := samples[name]; !found || math.Round(got) != float64(want.Unix()) {
		t.Errorf("%s of %s is %.0f, want %d", name, replica.Name, got, want.Unix())
	}
}

// TestSecretThatComesLater starts a server before its Secret exists, as happens before cert-manager issues the first
// certificate.
func TestSecretThatComesLater(t *testing.T) {
	suite.rows.Run(t, "a server waits for its first certificate", func(t *testing.T) {
		replica := launch(t, "early", "late")
		if err := replica.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "[-]certificate") {
			t.Errorf("readyz: %v, want a failure of the certificate check", err)
		}
		var certificate certmanagerv1.Certificate
		if err := suite.Client.Get(t.Context(), key(servingName), &certificate); err != nil {
			t.Fatal(err)
		}
		certificate.ObjectMeta, certificate.Spec.SecretName = metav1.ObjectMeta{Namespace: cluster.Namespace, Name: "late"}, "late"
		if err := suite.Client.Create(t.Context(), &certificate); err != nil {
			t.Fatal(err)
		}
		if err := replica.AwaitReady(t.Context()); err != nil {
			t.Fatal(err)
		}
		expectExpiry(t, replica, "files", mustReadIssued(t, "late").leaf.NotAfter)
	})
}
