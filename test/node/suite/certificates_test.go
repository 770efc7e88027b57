package suite

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/test/load"
	"ippool-webhook/test/markdown"
)

const serving = name + "-serving" // name of the Certificate and of its Secret

// renewCertificate lets cert-manager renew the serving certificate, and awaits that each replica serves it.
func renewCertificate(t *testing.T, _ *load.Load) {
	before := stored(t)
	kubectl(t, "-n", name, "patch", "certificate", serving, "--subresource=status", "--type=json", "-p",
		`[{"op": "add", "path": "/status/conditions/-", "value": {"type": "Issuing", "status": "True", "reason": "ManuallyTriggered", "message": "renewed by a test"}}]`)
	await(t.Context(), t, "another certificate", func(context.Context) error {
		if bytes.Equal(stored(t), before) {
			return errors.New("it has not changed")
		}
		return nil
	})
	issued := time.Now()
	awaitServed(t, stored(t))
	fmt.Printf("a renewed certificate is served after %.0f s\n", time.Since(issued).Seconds())
}

// rotateCA replaces the CA with the procedure of the document.
func rotateCA(t *testing.T, _ *load.Load) {
	before := bundle(t)
	steps, err := markdown.Blocks(suite.Path("docs", "certificates.md"), "Rotating the CA with cert-manager", "bash")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	script := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", strings.Join(steps, "\n"))
	if out, err := script.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if after := bundle(t); after == before || after == "" {
		t.Errorf("caBundle is %q, and was %q: must have the new CA", after, before)
	}
	awaitServed(t, stored(t))
}

// stored returns the first certificate of the Secret.
func stored(t *testing.T) []byte {
	t.Helper()
	secret := &corev1.Secret{}
	if err := suite.client.Get(t.Context(), client.ObjectKey{Namespace: name, Name: serving}, secret); err != nil {
		t.Fatal(err)
	}
	chain, err := cert.ParseCertsPEM(secret.Data[corev1.TLSCertKey])
	if err != nil {
		t.Fatal(err)
	}
	return chain[0].Raw
}

// bundle returns the CAs that the API server trusts.
func bundle(t *testing.T) string {
	t.Helper()
	return kubectl(t, "get", "validatingwebhookconfiguration", name, "-o", "jsonpath={.webhooks[0].clientConfig.caBundle}")
}

// awaitServed awaits that each replica presents a certificate.
func awaitServed(t *testing.T, want []byte) {
	t.Helper()
	awaitKubelet(t, "the certificate at each replica", func(ctx context.Context) error {
		for _, pod := range replicas(t) {
			dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}}
			connection, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(pod.Status.PodIP, "9443"))
			if err != nil {
				return err
			}
			presented := connection.(*tls.Conn).ConnectionState().PeerCertificates[0] //nolint:errcheck,forcetypeassert // tls.Dialer documents it
			_ = connection.Close()
			if !bytes.Equal(presented.Raw, want) {
				return fmt.Errorf("%s presents certificate %x", pod.Name, presented.SerialNumber)
			}
		}
		return nil
	})
}

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
