package lifecycle

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"ippool-webhook/test/certs/cluster"
	"ippool-webhook/test/certs/kubelet"
	"ippool-webhook/test/environment"
)

// TestExpired mounts an expired certificate into a replica that has no other certificate.
func TestExpired(t *testing.T) {
	suite.rows.Run(t, "a server with an expired certificate is alive and not ready", func(t *testing.T) {
		replica := launch(t, "expired", "none")
		if err := kubelet.Project(replica.Mount.Dir, expired(t)); err != nil {
			t.Fatal(err)
		}
		err := environment.Await(t.Context(), "any certificate", func(ctx context.Context) error {
			_, err := served(ctx, replica.Address())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := replica.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "[-]certificate") {
			t.Errorf("readyz: %v, want a failure of the certificate check", err)
		}
		if err := replica.Healthy(t.Context()); err != nil {
			t.Error(err)
		}
		if err := kubelet.Project(replica.Mount.Dir, files(t, servingName)); err != nil {
			t.Fatal(err)
		}
		if err := replica.AwaitReady(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestDamage replaces a served certificate with content that cannot be served.
func TestDamage(t *testing.T) {
	for _, test := range []struct {
		name    string
		damaged func(t *testing.T) map[string][]byte
		want    string // in the log
	}{
		{"a mismatched pair keeps the previous certificate", mismatched, "private key does not match public key"},
		{"half a certificate keeps the previous certificate", halved, "failed to find any PEM data"},
		{"an expired certificate keeps the previous certificate", expired, "the certificate expired at"},
	} {
		suite.rows.Run(t, test.name, func(t *testing.T) {
			replica := launch(t, "damaged", servingName)
			if err := replica.AwaitReady(t.Context()); err != nil {
				t.Fatal(err)
			}
			before := len(replica.Log())
			if err := kubelet.Project(replica.Mount.Dir, test.damaged(t)); err != nil {
				t.Fatal(err)
			}
			good := mustReadIssued(t, servingName).leaf
			err := environment.Await(t.Context(), "a line in the log", func(ctx context.Context) error {
				if got, err := served(ctx, replica.Address()); err != nil || !got.Equal(good) {
					t.Errorf("another certificate is served, or none: %v", err)
				}
				if log := replica.Log()[before:]; !strings.Contains(log, test.want) {
					return fmt.Errorf("the log is %q, want %q in it", log, test.want)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			if err := replica.Ready(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// mismatched returns a certificate with the private key of another one.
func mismatched(t *testing.T) map[string][]byte {
	t.Helper()
	pair := files(t, servingName)
	pair[corev1.TLSPrivateKeyKey] = files(t, authorityName)[corev1.TLSPrivateKeyKey]
	return pair
}

// halved returns the first half of a certificate.
func halved(t *testing.T) map[string][]byte {
	t.Helper()
	pair := files(t, servingName)
	pair[corev1.TLSCertKey] = pair[corev1.TLSCertKey][:300]
	return pair
}

// launch starts a replica that is not an endpoint of the Service. It runs until the end of the test.
func launch(t *testing.T, name, secret string) *cluster.Replica {
	t.Helper()
	replica, err := suite.Launch(t.Context(), cluster.ReplicaOptions{Name: name, Secret: secret, Unlisted: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := replica.Remove(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if err := environment.Await(t.Context(), "the probes", replica.Healthy); err != nil {
		t.Fatal(err)
	}
	return replica
}

// files returns the files of a mounted Secret.
func files(t *testing.T, secret string) map[string][]byte {
	t.Helper()
	var s corev1.Secret
	if err := suite.Client.Get(t.Context(), key(secret), &s); err != nil {
		t.Fatal(err)
	}
	return s.Data
}

// expired returns a pair that was valid until an hour ago.
func expired(t *testing.T) map[string][]byte {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{cluster.ServerName},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(-time.Hour),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		corev1.TLSCertKey:       pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}),
		corev1.TLSPrivateKeyKey: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
	}
}
