package certs

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/open-policy-agent/cert-controller/pkg/rotator"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// TestServingWaitsForTrust checks which certificate is served while the Secret and the webhook configurations change. It uses a fake
// client, because it must control the order of the changes.
func TestServingWaitsForTrust(t *testing.T) {
	scene := newServingScene(t)
	before, after := newRotated(t), newRotated(t)

	scene.expect(t, nil, "", "the Secret is empty")
	scene.setSecret(t, map[string][]byte{CertificateFile: before.CertPEM})
	scene.expect(t, nil, "", "the Secret has no key")
	scene.setSecret(t, before.secret())
	scene.expect(t, nil, "do not trust the certificate", "no configuration trusts the certificate")
	scene.setBundles(t, before.ca, nil)
	scene.expect(t, nil, "do not trust the certificate", "one of two configurations trusts it")
	scene.setBundles(t, before.ca, before.ca)
	scene.expect(t, before, "", "all configurations trust it, and no other certificate is served")

	scene.setSecret(t, map[string][]byte{CertificateFile: []byte("x"), KeyFile: before.KeyPEM})
	scene.expect(t, before, "has no certificate to serve in tls.crt and tls.key", "the Secret is malformed")
	scene.setSecret(t, after.secret())
	scene.expect(t, before, "do not trust the certificate", "no configuration trusts the new certificate")
	both := append(append([]byte{}, after.ca...), before.ca...)
	scene.setBundles(t, both, both)
	if wait := scene.reconcile(t).RequeueAfter; wait <= 0 || wait > trustDelay {
		t.Errorf("RequeueAfter is %s, want more than 0 and at most %s", wait, trustDelay)
	}
	scene.expect(t, before, "", "some API servers may not trust the new certificate yet")
	scene.serving.changed = time.Now().Add(-trustDelay)
	scene.expect(t, after, "", "all API servers trust the new certificate")

	scene.setSecret(t, before.secret())
	scene.setBundles(t, before.ca, before.ca)
	scene.expect(t, before, "", "no configuration trusts the served certificate any more")
	if err := scene.Delete(t.Context(), &corev1.Secret{ObjectMeta: scene.secret}); err != nil {
		t.Fatal(err)
	}
	scene.expect(t, before, "cannot read the Secret ippool-webhook/serving, which must exist and may be empty: ", "the Secret does not exist")
}

// TestServingWithoutWebhookConfigurations checks that a certificate is served if there is no webhook configuration.
func TestServingWithoutWebhookConfigurations(t *testing.T) {
	scene := newServingScene(t)
	scene.deleteConfigurations(t)
	certificate := newRotated(t)
	scene.setSecret(t, certificate.secret())
	scene.expect(t, certificate, "", "there are no webhook configurations")
}

// TestRotation creates certificates in an empty Secret, renews them, and checks that the webhook configurations trust them. It
// reconciles several times, because each write triggers another reconciliation.
func TestRotation(t *testing.T) {
	scene := newServingScene(t)
	r := &rotation{source: scene.serving.source, issuer: newIssuer("ippool-webhook", scene.serving.source.host()), client: scene.Client, live: scene.Client}
	reconcileAll := func() map[string][]byte {
		t.Helper()
		for range 3 {
			if _, err := r.Reconcile(t.Context(), reconcile.Request{}); err != nil {
				t.Fatal(err)
			}
		}
		bundles, err := r.source.bundles(t.Context(), scene.Client)
		if err != nil {
			t.Fatal(err)
		}
		data := scene.secretData(t)
		for _, bundle := range bundles {
			if !bytes.Equal(bundle, data[CAFile]) {
				t.Errorf("the caBundle of a webhook is\n%s\nwant\n%s", bundle, data[CAFile])
			}
		}
		return data
	}
	issued := reconcileAll()
	scene.expect(t, &rotated{KeyPairArtifacts: rotator.KeyPairArtifacts{CertPEM: issued[CertificateFile], KeyPEM: issued[KeyFile]}}, "", "the Secret has new certificates")
	if again := reconcileAll(); !reflect.DeepEqual(again, issued) {
		t.Error("certificates were renewed before they were due")
	}
	scene.setBundles(t, nil, issued[CAFile])
	reconcileAll() // checks that each webhook has the CA again

	due := maps.Clone(issued)
	due[CertificateFile] = []byte("x")
	scene.setSecret(t, due)
	renewed := reconcileAll()
	if !bytes.Equal(renewed[CAFile], issued[CAFile]) || bytes.Equal(renewed[CertificateFile], issued[CertificateFile]) {
		t.Error("want another serving certificate of the same CA")
	}
	delete(due, caKeyFile)
	scene.setSecret(t, due)
	replaced := reconcileAll()
	if !bytes.HasSuffix(replaced[CAFile], issued[CAFile]) || bytes.Equal(replaced[CAFile], issued[CAFile]) {
		t.Errorf("want the new CA followed by the previous CA, got:\n%s", replaced[CAFile])
	}
}

// TestIssue checks when certificates are renewed.
func TestIssue(t *testing.T) {
	issuer := newIssuer("ippool-webhook", "ippool-webhook.ippool-webhook.svc")
	now := time.Now()
	issued, err := issuer.issue(nil, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	const day = 24 * time.Hour
	for _, test := range []struct {
		name        string
		after       time.Duration
		serving, ca bool
	}{
		{"immediately", 0, false, false},
		{"a day before the renewal", 59 * day, false, false},
		{"a day after the renewal", 61 * day, true, false},
		{"after the expiry of the serving certificate", 91 * day, true, false},
		{"30 days before the expiry of the CA", 3620*day + time.Hour, true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			renewed, err := issuer.issue(issued, nil, now.Add(test.after))
			if err != nil {
				t.Fatal(err)
			}
			if (renewed != nil) != test.serving {
				t.Fatalf("renewed: %t, want %t", renewed != nil, test.serving)
			}
			if renewed != nil && bytes.Equal(renewed[CAFile], issued[CAFile]) == test.ca {
				t.Errorf("the CA is replaced: %t, want %t", !test.ca, test.ca)
			}
		})
	}
	if due := renewal(issued).Sub(now).Round(time.Hour); due != 60*day {
		t.Errorf("the renewal is due after %s, want 60 days", due)
	}
}

// TestRotationWithoutWebhookConfigurations checks that certificates are created if there is no webhook configuration.
func TestRotationWithoutWebhookConfigurations(t *testing.T) {
	scene := newServingScene(t)
	scene.deleteConfigurations(t)
	r := &rotation{source: scene.serving.source, issuer: newIssuer("ippool-webhook", scene.serving.source.host()), client: scene.Client, live: scene.Client}
	for range 2 {
		if _, err := r.Reconcile(t.Context(), reconcile.Request{}); err != nil {
			t.Fatal(err)
		}
	}
	if data := scene.secretData(t); len(data) != 4 {
		t.Errorf("the Secret has %d keys, want 4", len(data))
	}
}

func TestOverlap(t *testing.T) {
	first, second, third := newRotated(t).ca, newRotated(t).ca, newRotated(t).ca
	join := func(cas ...[]byte) string {
		var text strings.Builder
		for _, ca := range cas {
			text.Write(ca)
		}
		return text.String()
	}
	for _, test := range []struct {
		name    string
		bundle  []byte
		trusted [][]byte
		want    string
	}{
		{"no CA is trusted yet", first, [][]byte{nil, nil}, join(first)},
		{"the same CA is trusted", first, [][]byte{first, first}, join(first)},
		{"another CA is trusted", second, [][]byte{first, first}, join(second, first)},
		{"two other CAs are trusted", third, [][]byte{first, second}, join(third, first, second)},
		{"the previous CA is dropped after a rotation", []byte(join(second, first)), [][]byte{[]byte(join(second, first))}, join(second)},
		{"the trusted bundle is malformed", first, [][]byte{[]byte("x")}, join(first)},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := string(overlap(test.bundle, test.trusted)); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// TestUnreachable checks that the source reports an API server that does not answer, and waits for it.
func TestUnreachable(t *testing.T) {
	source := NewSelfManaged(SelfManaged{
		Config: &rest.Config{Host: "https://127.0.0.1:1"},
		Secret: types.NamespacedName{Namespace: "ippool-webhook", Name: "serving"},
	}, logr.Discard())
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- source.Start(ctx) }()
	if err := wait.PollUntilContextCancel(ctx, time.Millisecond, true, func(context.Context) (bool, error) {
		return source.failures() > 0, nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := source.Check(time.Now()); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("err = %v", err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Start returned %v", err)
	}
}

// rotated is a serving certificate with its CA. The rotator of cert-controller creates both.
type rotated struct {
	rotator.KeyPairArtifacts
	ca []byte
}

func newRotated(t *testing.T) *rotated {
	t.Helper()
	r := rotator.CertRotator{CAName: "ca", DNSName: "ippool-webhook.ippool-webhook.svc", ExtKeyUsages: &[]x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	from, to := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	ca, err := r.CreateCACert(from, to)
	if err != nil {
		t.Fatal(err)
	}
	chain, key, err := r.CreateCertPEM(ca, from, to)
	if err != nil {
		t.Fatal(err)
	}
	return &rotated{rotator.KeyPairArtifacts{CertPEM: chain, KeyPEM: key}, ca.CertPEM}
}

func (r *rotated) secret() map[string][]byte {
	return map[string][]byte{CertificateFile: r.CertPEM, KeyFile: r.KeyPEM}
}

// servingScene is a fake cluster with a Secret and two webhook configurations, and the controller that serves.
type servingScene struct {
	client.Client
	serving               *serving
	secret, configuration metav1.ObjectMeta
}

func newServingScene(t *testing.T) *servingScene {
	t.Helper()
	s := &servingScene{
		secret:        metav1.ObjectMeta{Namespace: "ippool-webhook", Name: "serving"},
		configuration: metav1.ObjectMeta{Name: "ippool-webhook"},
	}
	s.Client = fake.NewClientBuilder().WithObjects(
		&corev1.Secret{ObjectMeta: s.secret},
		&admissionregistrationv1.ValidatingWebhookConfiguration{ObjectMeta: s.configuration, Webhooks: make([]admissionregistrationv1.ValidatingWebhook, 2)},
		&admissionregistrationv1.MutatingWebhookConfiguration{ObjectMeta: s.configuration, Webhooks: make([]admissionregistrationv1.MutatingWebhook, 1)},
	).Build()
	source := &selfManaged{log: logr.Discard(), changed: func() {}, SelfManaged: SelfManaged{
		Secret:  types.NamespacedName{Namespace: s.secret.Namespace, Name: s.secret.Name},
		Service: "ippool-webhook", Webhooks: s.configuration.Name,
	}}
	source.wait("starting")
	s.serving = &serving{source: source, client: s.Client}
	return s
}

func (s *servingScene) deleteConfigurations(t *testing.T) {
	t.Helper()
	for _, o := range []client.Object{
		&admissionregistrationv1.ValidatingWebhookConfiguration{ObjectMeta: s.configuration},
		&admissionregistrationv1.MutatingWebhookConfiguration{ObjectMeta: s.configuration},
	} {
		if err := s.Delete(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *servingScene) secretData(t *testing.T) map[string][]byte {
	t.Helper()
	var secret corev1.Secret
	if err := s.Get(t.Context(), client.ObjectKey{Namespace: s.secret.Namespace, Name: s.secret.Name}, &secret); err != nil {
		t.Fatal(err)
	}
	return secret.Data
}

func (s *servingScene) setSecret(t *testing.T, data map[string][]byte) {
	t.Helper()
	var secret corev1.Secret
	s.change(t, s.secret, &secret, func() { secret.Data = data })
}

// setBundles sets caBundle in each webhook of the validating and of the mutating configuration.
func (s *servingScene) setBundles(t *testing.T, validating, mutating []byte) {
	t.Helper()
	var v admissionregistrationv1.ValidatingWebhookConfiguration
	s.change(t, s.configuration, &v, func() {
		for i := range v.Webhooks {
			v.Webhooks[i].ClientConfig.CABundle = validating
		}
	})
	var m admissionregistrationv1.MutatingWebhookConfiguration
	s.change(t, s.configuration, &m, func() { m.Webhooks[0].ClientConfig.CABundle = mutating })
}

func (s *servingScene) change(t *testing.T, at metav1.ObjectMeta, o client.Object, change func()) {
	t.Helper()
	if err := s.Get(t.Context(), client.ObjectKey{Namespace: at.Namespace, Name: at.Name}, o); err != nil {
		t.Fatal(err)
	}
	change()
	if err := s.Update(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}

func (s *servingScene) reconcile(t *testing.T) reconcile.Result {
	t.Helper()
	result, err := s.serving.Reconcile(t.Context(), reconcile.Request{})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// expect reconciles. Then it expects that a certificate is served, and that the recorded reason contains a text. An empty text means
// that there is no new reason.
func (s *servingScene) expect(t *testing.T, want *rotated, reason, when string) {
	t.Helper()
	before := *s.serving.source.failure.Load()
	s.reconcile(t)
	var wanted *tls.Certificate
	if want != nil {
		pair, err := tls.X509KeyPair(want.CertPEM, want.KeyPEM)
		if err != nil {
			t.Fatal(err)
		}
		wanted = &pair
	}
	served := s.serving.source.ready.Load()
	if (served == nil) != (wanted == nil) || served != nil && !served.Leaf.Equal(wanted.Leaf) {
		t.Errorf("when %s, the wrong certificate is served", when)
	}
	after := *s.serving.source.failure.Load()
	if reason == "" && after != "" && after != before || !strings.Contains(after, reason) {
		t.Errorf("when %s, the reason is %q, want %q", when, after, reason)
	}
}
