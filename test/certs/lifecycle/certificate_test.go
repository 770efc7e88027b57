package lifecycle

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"testing"

	apiutil "github.com/cert-manager/cert-manager/pkg/api/util"
	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	metav1 "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	corev1 "k8s.io/api/core/v1"
	certutil "k8s.io/client-go/util/cert"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/test/certs/cluster"
	"ippool-webhook/test/environment"
)

// key returns the key of an object of the manifests.
func key(name string) client.ObjectKey {
	return client.ObjectKey{Namespace: cluster.Namespace, Name: name}
}

// issued is the content of a Secret with a certificate.
type issued struct {
	leaf *x509.Certificate
	ca   []byte // PEM
}

// readIssued reads a Secret with a certificate.
func (i *installation) readIssued(ctx context.Context, name string) (issued, error) {
	var secret corev1.Secret
	if err := i.Client.Get(ctx, key(name), &secret); err != nil {
		return issued{}, err
	}
	chain, err := certutil.ParseCertsPEM(secret.Data[corev1.TLSCertKey])
	if err != nil {
		return issued{}, fmt.Errorf("Secret %s: %w", name, err)
	}
	return issued{chain[0], secret.Data[metav1.TLSCAKey]}, nil
}

func mustReadIssued(t *testing.T, name string) issued {
	t.Helper()
	certificate, err := suite.readIssued(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// renew lets cert-manager issue a Certificate again, as `cmctl renew` does, and returns the new content.
func renew(ctx context.Context, name string) (issued, error) {
	before, err := suite.readIssued(ctx, name)
	if err != nil {
		return before, err
	}
	err = environment.Await(ctx, "the status of Certificate "+name, func(ctx context.Context) error {
		var certificate certmanagerv1.Certificate
		if err := suite.Client.Get(ctx, key(name), &certificate); err != nil {
			return err
		}
		apiutil.SetCertificateCondition(&certificate, certificate.Generation, certmanagerv1.CertificateConditionIssuing,
			metav1.ConditionTrue, "ManuallyTriggered", "renewed by a test")
		return suite.Client.Status().Update(ctx, &certificate) // after a conflict with cert-manager, Await tries again
	})
	if err != nil {
		return before, err
	}
	return awaitIssued(ctx, name, before)
}

// awaitIssued awaits that a Secret has another certificate than before, and that cert-manager has completed the renewal.
func awaitIssued(ctx context.Context, name string, before issued) (after issued, err error) {
	err = environment.Await(ctx, "another certificate in Secret "+name, func(ctx context.Context) error {
		if after, err = suite.readIssued(ctx, name); err != nil {
			return err
		}
		if after.leaf.Equal(before.leaf) {
			return errors.New("the certificate has not changed")
		}
		return checkReady(ctx, name)
	})
	return after, err
}

// checkReady returns an error unless a Certificate is Ready and not Issuing.
func checkReady(ctx context.Context, name string) error {
	var certificate certmanagerv1.Certificate
	if err := suite.Client.Get(ctx, key(name), &certificate); err != nil {
		return err
	}
	for kind, want := range map[certmanagerv1.CertificateConditionType]bool{
		certmanagerv1.CertificateConditionReady: true, certmanagerv1.CertificateConditionIssuing: false,
	} {
		condition := apiutil.GetCertificateCondition(&certificate, kind)
		if got := condition != nil && condition.Status == metav1.ConditionTrue; got != want {
			return fmt.Errorf("condition %s of Certificate %s is %t: %+v", kind, name, got, condition)
		}
	}
	return nil
}

// served returns the certificate that a process presents on a new connection.
func served(ctx context.Context, address string) (*x509.Certificate, error) {
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} // the test compares the certificate
	connection, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = connection.Close() }()
	secure, ok := connection.(*tls.Conn)
	if !ok {
		return nil, fmt.Errorf("the connection is a %T, want *tls.Conn", connection)
	}
	return secure.ConnectionState().PeerCertificates[0], nil
}

// awaitServed awaits that all replicas serve a certificate.
func (i *installation) awaitServed(ctx context.Context, want *x509.Certificate) error {
	return environment.Await(ctx, "the new certificate at all replicas", func(ctx context.Context) error {
		for _, replica := range i.replicas {
			if got, err := served(ctx, replica.Address()); err != nil {
				return err
			} else if !got.Equal(want) {
				return fmt.Errorf("%s serves certificate %x, want %x", replica.Name, got.SerialNumber, want.SerialNumber)
			}
		}
		return nil
	})
}
