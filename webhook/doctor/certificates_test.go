package doctor

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// now returns the time at which these tests run.
func now() time.Time { return time.Date(2030, 6, 1, 12, 0, 0, 0, time.UTC) }

const (
	day  = 24 * time.Hour
	host = "ippool-webhook.ippool-webhook.svc"
)

// issue returns a certificate that expires after a time from now: a CA or, with an issuer, a serving certificate for a host.
func issue(t *testing.T, issuer *x509.Certificate, key *ecdsa.PrivateKey, left time.Duration, host string) *x509.Certificate {
	t.Helper()
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: serial, NotBefore: now().Add(-100 * day), NotAfter: now().Add(left), DNSNames: []string{host}}
	if issuer == nil {
		template.IsCA, template.BasicConstraintsValid, template.DNSNames = true, true, nil
		template.Subject.CommonName = "ca"
		issuer = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func encode(certificates ...*x509.Certificate) []byte {
	var text []byte
	for _, certificate := range certificates {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})...)
	}
	return text
}

// serving returns an installed cluster in which every webhook has the bundle and each endpoint presents one of the certificates.
func serving(t *testing.T, bundle []byte, leaves ...*x509.Certificate) *cluster {
	t.Helper()
	c := installed(t)
	c.now = now()
	c.serviceSpec.value = &corev1.Service{}
	for _, webhooks := range [][]webhook{c.validating.webhooks, c.mutating.webhooks} {
		for i := range webhooks {
			webhooks[i].ClientConfig.CABundle = bundle
		}
	}
	for i, leaf := range leaves {
		c.endpoints.value = append(c.endpoints.value, endpoint{address: string(rune('a' + i)), reached: true, chain: []*x509.Certificate{leaf}})
	}
	return c
}

func expectLine(t *testing.T, v verdict, status Status, want string) {
	t.Helper()
	if got := v.result(""); got.Status != status || !strings.Contains(got.Message, want) || (got.Remedy == "") != (status == Pass) {
		t.Errorf("%s: %q, remedy %q; want %s: %q", got.Status, got.Message, got.Remedy, status, want)
	}
}

// TestRemediesOfSelfManaged checks that a remedy names the component that writes the Secret and the caBundle: the replicas or
// cert-manager.
func TestRemediesOfSelfManaged(t *testing.T) {
	for _, test := range []struct {
		name        string
		secret      map[string][]byte
		selfManaged bool
	}{
		{"with the key of a CA", map[string][]byte{"ca.key": []byte("x"), "tls.crt": []byte("x")}, true},
		{"empty", nil, true},
		{"cert-manager's", map[string][]byte{"ca.crt": []byte("x"), "tls.crt": []byte("x"), "tls.key": []byte("x")}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := serving(t, nil)
			c.secret.value = &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: defaultSecret}, Data: test.secret}
			const permissions = "manifests/overlays/self-managed/rbac.yaml"
			if got := checkCABundle(c).result(""); strings.Contains(got.Remedy, permissions) != test.selfManaged {
				t.Errorf("%s: %s", got.Message, got.Remedy)
			}
			if got := checkSecret(c).result(""); strings.Contains(got.Remedy, permissions) != test.selfManaged {
				t.Errorf("%s: %s", got.Message, got.Remedy)
			}
			if got := c.renew(); strings.Contains(got, "patch secret "+defaultSecret) != test.selfManaged {
				t.Error(got)
			}
			if got := c.awaitReplicas(); strings.Contains(got, "kubelet") == test.selfManaged {
				t.Error(got)
			}
		})
	}
}

func TestCheckCABundle(t *testing.T) {
	key := newKey(t)
	good, expiresSoon, expired := issue(t, nil, key, 100*day, ""), issue(t, nil, key, 13*day, ""), issue(t, nil, key, -day, "")
	for _, test := range []struct {
		name   string
		bundle []byte
		status Status
		want   string
	}{
		{"good", encode(good), Pass, "3 webhooks have the same caBundle, valid until 2030-09-09T12:00:00Z"},
		{"after a rotation", encode(expired, good), Pass, "valid until 2030-09-09"},
		{"expired", encode(expired), Fail, "expired at 2030-05-31T12:00:00Z"},
		{"expires soon", encode(expiresSoon), Warn, "expires at 2030-06-14T12:00:00Z"},
		{"absent", nil, Fail, "caBundle of " + usersWebhook + " is empty"},
		{"white space", []byte(" \n"), Fail, "is empty"},
		{"not PEM", []byte("LS0t"), Fail, "is not a list of certificates in PEM"},
		{"text after the certificate, which the API server ignores", append(encode(good), "-----"...), Pass, "3 webhooks have the same caBundle"},
		{"a key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte{1}}), Fail, "is not a list of certificates in PEM"},
		{"not DER", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte{1}}), Fail, "contains an invalid certificate"},
	} {
		t.Run(test.name, func(t *testing.T) { expectLine(t, checkCABundle(serving(t, test.bundle)), test.status, test.want) })
	}
	c := serving(t, encode(good))
	c.mutating.webhooks[0].ClientConfig.CABundle = encode(good, expired)
	expectLine(t, checkCABundle(c), Warn, "caBundle of users.mutate.ippool-webhook differs from caBundle of "+usersWebhook)
	c.mutating.annotations = map[string]string{"cert-manager.io/inject-ca-from": "a/b"}
	if got := checkCABundle(c).result("").Remedy; !strings.Contains(got, "from Certificate a/b") {
		t.Errorf("remedy %q", got)
	}
}

func TestCheckServingCertificate(t *testing.T) {
	key := newKey(t)
	ca, otherCA := issue(t, nil, key, 100*day, ""), issue(t, nil, newKey(t), 100*day, "")
	good := issue(t, ca, key, 50*day, host)
	for _, test := range []struct {
		name   string
		bundle []byte
		second *x509.Certificate
		status Status
		want   string
	}{
		{"good", encode(ca), good, Pass, "2 ready endpoints present a certificate for " + host + " that the caBundle verifies, valid until 2030-07-21T12:00:00Z"},
		{"one of two CAs", encode(otherCA, ca), good, Pass, ""},
		{"another CA", encode(otherCA), good, Fail, "endpoint b: x509: certificate signed by unknown authority"},
		{"another host", encode(ca), issue(t, ca, key, 50*day, "localhost"), Fail, "endpoint b: x509: certificate is valid for localhost, not " + host},
		{"expired", encode(ca), issue(t, ca, key, -day, host), Fail, "endpoint b: x509: certificate has expired"},
		{"expires soon", encode(ca), issue(t, ca, key, 14*day, host), Warn, "endpoint b, or of its CA, expires at 2030-06-15T12:00:00Z"},
		{"CA expires soon", encode(issue(t, nil, key, 2*day, "")), good, Warn, "endpoint a, or of its CA, expires at 2030-06-03T12:00:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			expectLine(t, checkServingCertificate(serving(t, test.bundle, good, test.second)), test.status, test.want)
		})
	}
	expectLine(t, checkServingCertificate(serving(t, encode(ca), good)), Warn, "only 1 endpoint is ready")
	expectLine(t, checkServingCertificate(serving(t, encode(ca))), Fail, "has no ready endpoint for port 443")
	c := serving(t, encode(ca), good, good)
	c.endpoints.value[1] = endpoint{address: "b", err: errors.New("i/o timeout")}
	expectLine(t, checkServingCertificate(c), Warn, "doctor cannot connect to endpoint b: i/o timeout")
	c.endpoints.value[1].reached = true
	expectLine(t, checkServingCertificate(c), Fail, "endpoint b: i/o timeout")
}

func TestReadyEndpoints(t *testing.T) {
	slice := func(name *string, port int32, endpoints ...discoveryv1.Endpoint) discoveryv1.EndpointSlice {
		return discoveryv1.EndpointSlice{Ports: []discoveryv1.EndpointPort{{Name: name, Port: &port}}, Endpoints: endpoints}
	}
	at := func(ready *bool, addresses ...string) discoveryv1.Endpoint {
		return discoveryv1.Endpoint{Addresses: addresses, Conditions: discoveryv1.EndpointConditions{Ready: ready}}
	}
	got := readyEndpoints([]discoveryv1.EndpointSlice{
		slice(new("webhook"), 9443, at(nil, "10.0.0.2", "10.0.0.9"), at(new(true), "10.0.0.1"), at(new(false), "10.0.0.3"), at(nil)),
		slice(new("webhook"), 9443, at(nil, "10.0.0.1"), at(nil, "2001:db8::1")),
		slice(new("metrics"), 8080, at(nil, "10.0.0.1")),
		{Ports: []discoveryv1.EndpointPort{{Name: new("webhook")}}, Endpoints: []discoveryv1.Endpoint{at(nil, "10.0.0.4")}},
	}, "webhook")
	var addresses []string
	for _, e := range got {
		addresses = append(addresses, e.address)
	}
	if diff := cmp.Diff([]string{"10.0.0.1:9443", "10.0.0.2:9443", "[2001:db8::1]:9443"}, addresses); diff != "" {
		t.Errorf("endpoints (-want +got):\n%s", diff)
	}
}

func TestCheckCertificate(t *testing.T) {
	certificate := func(ready cmmeta.ConditionStatus, renewal time.Duration) certmanagerv1.Certificate {
		at := metav1.NewTime(now().Add(renewal))
		return certmanagerv1.Certificate{ObjectMeta: metav1.ObjectMeta{Namespace: "n", Name: "c"}, Status: certmanagerv1.CertificateStatus{
			RenewalTime: &at, Conditions: []certmanagerv1.CertificateCondition{{Type: "Ready", Status: ready, Reason: "Why", Message: "because"}},
		}}
	}
	good := certificate("True", day)
	for _, test := range []struct {
		name         string
		certificates []certmanagerv1.Certificate
		err          error
		status       Status
		want         string
	}{
		{"no cert-manager", nil, &meta.NoKindMatchError{}, Pass, "cert-manager is not installed"},
		{"none", nil, nil, Pass, "no Certificate in namespace ippool-webhook is for " + host},
		{"good", []certmanagerv1.Certificate{good}, nil, Pass, "Certificate n/c is Ready, next renewal at 2030-06-02T12:00:00Z"},
		{"not ready", slices.Concat([]certmanagerv1.Certificate{good}, []certmanagerv1.Certificate{certificate("False", day)}), nil, Fail, "Certificate n/c is not Ready: Why: because"},
		{"no condition", []certmanagerv1.Certificate{{}}, nil, Fail, "it has no condition Ready"},
		{"overdue", []certmanagerv1.Certificate{certificate("True", -day)}, nil, Warn, "the renewal of Certificate n/c has been overdue since 2030-05-31T12:00:00Z"},
		{"request failed", nil, errors.New("boom"), Fail, "boom"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := serving(t, nil)
			c.certificates.value, c.certificates.err = test.certificates, test.err
			expectLine(t, checkCertificate(c), test.status, test.want)
		})
	}
}

func TestCheckSecret(t *testing.T) {
	key := newKey(t)
	ca := issue(t, nil, key, 100*day, "")
	leaf, other := issue(t, ca, key, 50*day, host), issue(t, ca, key, 50*day, host)
	for _, test := range []struct {
		name   string
		tls    []byte
		leaves []*x509.Certificate
		status Status
		want   string
	}{
		{"same", encode(leaf, ca), []*x509.Certificate{leaf, leaf}, Pass, "Secret n/s contains the certificate that the endpoints present"},
		{"one endpoint with another certificate", encode(leaf), []*x509.Certificate{leaf, other}, Warn, "endpoint b presents another certificate than the one in Secret n/s"},
		{"no certificate presented", encode(leaf), nil, Warn, "not compared"},
		{"empty", nil, []*x509.Certificate{leaf}, Fail, "tls.crt of Secret n/s is empty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := serving(t, nil, test.leaves...)
			c.secret.value = &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "n", Name: "s"}, Data: map[string][]byte{"tls.crt": test.tls}}
			expectLine(t, checkSecret(c), test.status, test.want)
		})
	}
}
