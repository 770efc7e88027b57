package suite

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/util/cert"
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
