package suite

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"

	"ippool-webhook/test/load"
)

// TestExpiry lets the serving certificate of all replicas expire, while users write pools and pods start.
func TestExpiry(t *testing.T) {
	suite.rows.Run(t, "the certificate expires", func(t *testing.T) {
		issuer := newIssuer(t)
		kubectl(t, "apply", "--server-side", "-f", suite.Manifest("base", "namespace.yaml"))
		expires := time.Now().Add(time.Minute)
		secret := issuer.secret(t, expires)
		if err := suite.client.Create(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
		installed := withHelm("certificates.source=files", "certificates.caBundle="+string(issuer.bundle()))
		installed.install(t, "info")
		defer func() {
			installed.remove(t)
			expectRemoved(t)
		}()
		awaitRollout(t)
		fault{"the certificate expires", func(t *testing.T, _ *load.Load) {
			kubectl(t, "-n", name, "wait", "pod", "-l", "app.kubernetes.io/name="+name, "--for=condition=Ready=false", "--timeout=3m")
			if time.Now().Before(expires) {
				t.Error("the replicas report not ready before their certificate expires")
			}
			if err := suite.client.Update(t.Context(), issuer.secret(t, time.Now().Add(time.Hour))); err != nil {
				t.Fatal(err)
			}
			awaitServed(t, stored(t))
			for _, pod := range replicas(t) {
				expectNoRestart(t, &pod)
			}
		}, someMayFail}.run(t) // the API server keeps a connection that it has opened before
	})
}

// issuer is the PKI of a platform team.
type issuer struct {
	ca  *x509.Certificate
	key *ecdsa.PrivateKey
}

func newIssuer(t *testing.T) issuer {
	t.Helper()
	key := newKey(t)
	ca, err := cert.NewSelfSignedCACert(cert.Config{CommonName: "platform"}, key)
	if err != nil {
		t.Fatal(err)
	}
	return issuer{ca, key}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (i issuer) bundle() []byte { return encode(i.ca.Raw) }

// secret returns the Secret with a serving certificate.
func (i issuer) secret(t *testing.T, expires time.Time) *corev1.Secret {
	t.Helper()
	key := newKey(t)
	raw, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(expires.UnixNano()), DNSNames: []string{name + "." + name + ".svc"},
		NotBefore: i.ca.NotBefore, NotAfter: expires, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, i.ca, key.Public(), i.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := keyutil.MarshalPrivateKeyToPEM(key)
	if err != nil {
		t.Fatal(err)
	}
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: name, Name: serving}, Type: corev1.SecretTypeTLS,
		Data: map[string][]byte{corev1.TLSCertKey: encode(raw), corev1.TLSPrivateKeyKey: private},
	}
}

func encode(certificate []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: cert.CertificateBlockType, Bytes: certificate})
}
