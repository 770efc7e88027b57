package lifecycle

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	certutil "k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/test/certs/cluster"
	"ippool-webhook/test/environment"
	"ippool-webhook/test/markdown"
)

// selfManaged is an installation without cert-manager. It has its own cluster, because both installations use the same names.
type selfManaged struct {
	installation
	procedures []string // procedures of the document: renew the serving certificate, replace the CA, create the Secret again
}

// TestSelfManaged lets the replicas create their certificates. The rows run one after the other, and each leaves the webhook
// ready.
func TestSelfManaged(t *testing.T) {
	s := startSelfManaged(t)
	for _, row := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"self-managed: replicas that start at the same time use one certificate", s.testAgreement},
		{"self-managed: doctor reports no failure", s.testDoctor},
		{"self-managed: a server without permission to read logs it", func(t *testing.T) {
			s.testPermissions(t, "reads-nothing", nil, `cannot get resource \"secrets\"`)
		}},
		{"self-managed: a server without permission to write logs it", func(t *testing.T) {
			s.testPermissions(t, "writes-nothing", reading(), `cannot update resource \"secrets\"`)
		}},
		{"self-managed: a server without permission to write serves the stored certificate", s.testReadOnly},
		{"self-managed: a certificate is renewed before it expires", s.testRenewal},
		{"self-managed: a removed caBundle is restored", s.testBundleRemoved},
		{"self-managed: a deleted Secret can be created again", s.testSecretDeleted},
		{"self-managed: nothing fails while certificates change", s.testRotation},
	} {
		suite.rows.Run(t, row.name, row.run)
	}
}

func startSelfManaged(t *testing.T) *selfManaged {
	t.Helper()
	c, err := cluster.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	s := &selfManaged{installation: installation{Cluster: c}}
	if s.procedures, err = markdown.Blocks(s.Path("docs", "certificates.md"), "Self-managed certificates", "bash"); err != nil || len(s.procedures) != 3 {
		t.Fatalf("the document has %d procedures, want 3: %v", len(s.procedures), err)
	}
	if err := s.install(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// install applies the overlay and starts two replicas with its permissions.
func (s *selfManaged) install(ctx context.Context) error {
	if err := s.Apply(ctx, "self-managed"); err != nil {
		return err
	}
	kubeconfig, err := s.AccountKubeconfig(ctx, "ippool-webhook")
	if err != nil {
		return err
	}
	for _, name := range []string{"replica-1", "replica-2"} {
		replica, err := s.Launch(ctx, cluster.ReplicaOptions{
			Name: name, Flags: []string{"--cert-source", "self-managed", "--kubeconfig", kubeconfig}, DrainQuietPeriod: 5 * time.Second,
		})
		if err != nil {
			return err
		}
		s.replicas = append(s.replicas, replica)
	}
	for _, replica := range s.replicas {
		if err := replica.AwaitReady(ctx); err != nil {
			return err
		}
	}
	return errors.Join(s.AwaitEndpoints(ctx, len(s.replicas)), s.awaitWebhooks(ctx))
}

func (s *selfManaged) testAgreement(t *testing.T) {
	held, err := s.readIssued(t.Context(), servingName)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.awaitServed(t.Context(), held.leaf); err != nil {
		t.Error(err)
	}
	bundles, err := s.caBundles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for webhook, bundle := range bundles {
		if !bytes.Equal(bundle, held.ca) {
			t.Errorf("%s trusts\n%s\nwant\n%s", webhook, bundle, held.ca)
		}
	}
	if len(bundles) != 3 {
		t.Errorf("there are %d webhooks, want 3", len(bundles))
	}
	want := []string{cluster.ServerName, cluster.ServerName + ".cluster.local"}
	if !slices.Equal(held.leaf.DNSNames, want) {
		t.Errorf("DNS names %q, want %q", held.leaf.DNSNames, want)
	}
	for _, replica := range s.replicas {
		expectExpiry(t, replica, "self-managed", held.leaf.NotAfter)
	}
}

// reading returns the permissions to read and to watch.
func reading() []string { return []string{"get", "list", "watch"} }

// testPermissions starts a replica with an empty Secret and only these permissions, and expects a log line.
func (s *selfManaged) testPermissions(t *testing.T, name string, verbs []string, want string) {
	empty := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: cluster.Namespace, Name: name}}
	if err := s.Client.Create(t.Context(), empty); err != nil {
		t.Fatal(err)
	}
	replica := s.launchAs(t, name, verbs, "--secret-name", name)
	err := environment.Await(t.Context(), "the expected log line", func(ctx context.Context) error {
		if err := replica.Healthy(ctx); err != nil {
			return err
		}
		if log := replica.Log(); !strings.Contains(log, want) {
			return fmt.Errorf("%s is not in the log:\n%s", want, log)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := replica.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "[-]certificate") {
		t.Errorf("readyz: %v, want a failure of the certificate check", err)
	}
}

// testReadOnly starts a replica that can only read. Other replicas have stored a certificate in the Secret.
func (s *selfManaged) testReadOnly(t *testing.T) {
	if err := s.launchAs(t, "reads-only", reading()).AwaitReady(t.Context()); err != nil {
		t.Error(err)
	}
}

// launchAs starts a replica with its own service account. It runs until the end of the test.
func (s *selfManaged) launchAs(t *testing.T, account string, verbs []string, flags ...string) *cluster.Replica {
	t.Helper()
	s.grant(t, account, verbs)
	kubeconfig, err := s.AccountKubeconfig(t.Context(), account)
	if err != nil {
		t.Fatal(err)
	}
	replica, err := s.Launch(t.Context(), cluster.ReplicaOptions{
		Name: account, Unlisted: true, Flags: append([]string{"--cert-source", "self-managed", "--kubeconfig", kubeconfig}, flags...),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := replica.Remove(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return replica
}

// grant creates an account that has only these permissions on Secrets and webhook configurations.
func (s *selfManaged) grant(t *testing.T, name string, verbs []string) {
	t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: cluster.Namespace, Name: name}}
	if err := s.Client.Create(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	if len(verbs) == 0 {
		return
	}
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: []rbacv1.PolicyRule{
		{Verbs: verbs, APIGroups: []string{""}, Resources: []string{"secrets"}},
		{Verbs: verbs, APIGroups: []string{admissionv1.GroupName}, Resources: []string{"validatingwebhookconfigurations", "mutatingwebhookconfigurations"}},
	}}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: role.ObjectMeta,
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: cluster.Namespace, Name: name}},
	}
	if err := errors.Join(s.Client.Create(t.Context(), role), s.Client.Create(t.Context(), binding)); err != nil {
		t.Fatal(err)
	}
}

// testDoctor runs doctor, which distinguishes this source from others.
func (s *selfManaged) testDoctor(t *testing.T) {
	if err := s.Run(t.Context(), fmt.Sprintf("%q doctor | tee /dev/stderr | grep -q ' 1 warn, 0 fail'", s.replicas[0].Binary())); err != nil {
		t.Error("want one warning, that Whereabouts was not found: ", err)
	}
}

// testRenewal stores a certificate that is valid for less than a third of the usual time, so that it must be renewed.
func (s *selfManaged) testRenewal(t *testing.T) {
	secret := s.secret(t)
	due, err := sign(secret, time.Now().Add(29*24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	secret.Data[corev1.TLSCertKey] = due
	if err := s.Client.Update(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	err = environment.Await(t.Context(), "the renewed certificate", func(ctx context.Context) error {
		renewed, err := s.readIssued(ctx, servingName)
		if err != nil {
			return err
		}
		if left := time.Until(renewed.leaf.NotAfter).Round(24 * time.Hour); left != 90*24*time.Hour {
			return fmt.Errorf("the certificate is valid for another %s, want 90 days", left)
		}
		if !bytes.Equal(renewed.ca, secret.Data["ca.crt"]) {
			t.Error("the CA has changed, want only another serving certificate")
		}
		return s.awaitServed(ctx, renewed.leaf)
	})
	if err != nil {
		t.Error(err)
	}
}

func (s *selfManaged) testBundleRemoved(t *testing.T) {
	held, err := s.readIssued(t.Context(), servingName)
	if err != nil {
		t.Fatal(err)
	}
	var validating admissionv1.ValidatingWebhookConfiguration
	if err := s.Client.Get(t.Context(), client.ObjectKey{Name: "ippool-webhook"}, &validating); err != nil {
		t.Fatal(err)
	}
	validating.Webhooks[0].ClientConfig.CABundle = nil
	if err := s.Client.Update(t.Context(), &validating); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.awaitTrust(t.Context(), held.ca), s.awaitWebhooks(t.Context())); err != nil {
		t.Error(err)
	}
}

// testSecretDeleted deletes the Secret under load, and creates it again as the document describes.
func (s *selfManaged) testSecretDeleted(t *testing.T) {
	l := s.startLoad(t)
	phase(t, l, "the deletion", func(ctx context.Context) error {
		return s.Client.Delete(ctx, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: cluster.Namespace, Name: servingName}})
	})
	phase(t, l, "the new Secret", func(ctx context.Context) error { return s.follow(ctx, 2) })
	l.expectNoFailure(t)
}

func (s *selfManaged) testRotation(t *testing.T) {
	l := s.startLoad(t)
	phase(t, l, "before", func(context.Context) error { return nil })
	for i := range renewals {
		phase(t, l, fmt.Sprintf("renewal %d", i+1), func(ctx context.Context) error { return s.follow(ctx, 0) })
	}
	before, err := s.readIssued(t.Context(), servingName)
	if err != nil {
		t.Fatal(err)
	}
	phase(t, l, "CA rotation", func(ctx context.Context) error { return s.follow(ctx, 1) })
	for _, replica := range s.replicas {
		phase(t, l, "restart of "+replica.Name, func(ctx context.Context) error {
			return errors.Join(replica.Restart(ctx), s.AwaitEndpoints(ctx, len(s.replicas)))
		})
	}
	phase(t, l, "removal of the old CA", func(ctx context.Context) error { return s.follow(ctx, 0) })
	l.expectNoFailure(t)
	fmt.Printf("rotation (self-managed): %d admissions, %d denied by rule, %d failed, %d renewals, 1 CA rotation, %d restarts\n",
		l.Admissions(), l.Denied(), l.Failed(), renewals+1, len(s.replicas))
	s.expectUntrusted(t, before)
}

// expectUntrusted expects that no webhook trusts the CA of an earlier certificate.
func (s *selfManaged) expectUntrusted(t *testing.T, before issued) {
	t.Helper()
	bundles, err := s.caBundles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for webhook, bundle := range bundles {
		if verify(before.leaf, bundle) == nil {
			t.Errorf("%s still trusts the old CA", webhook)
		}
	}
}

// follow runs a procedure of the document, and returns once all replicas serve the new certificate.
func (s *selfManaged) follow(ctx context.Context, procedure int) error {
	served, err := served(ctx, s.replicas[0].Address())
	if err != nil {
		return err
	}
	if err := s.Run(ctx, fmt.Sprintf("cd %q\n%s", s.Path(), s.procedures[procedure])); err != nil {
		return err
	}
	var after issued
	err = environment.Await(ctx, "another certificate", func(ctx context.Context) error {
		if after, err = s.readIssued(ctx, servingName); err != nil {
			return err
		}
		if after.leaf.Equal(served) {
			return errors.New("the certificate has not changed")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.awaitServed(ctx, after.leaf)
}

func (s *selfManaged) secret(t *testing.T) *corev1.Secret {
	t.Helper()
	secret := &corev1.Secret{}
	if err := s.Client.Get(t.Context(), key(servingName), secret); err != nil {
		t.Fatal(err)
	}
	return secret
}

// sign returns the certificate in a Secret with another expiry, signed by the CA in the Secret.
func sign(secret *corev1.Secret, notAfter time.Time) ([]byte, error) {
	leaf, err := certutil.ParseCertsPEM(secret.Data[corev1.TLSCertKey])
	if err != nil {
		return nil, err
	}
	ca, err := certutil.ParseCertsPEM(secret.Data["ca.crt"])
	if err != nil {
		return nil, err
	}
	caKey, err := keyutil.ParsePrivateKeyPEM(secret.Data["ca.key"])
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: leaf[0].DNSNames, ExtKeyUsage: leaf[0].ExtKeyUsage,
		NotBefore: leaf[0].NotBefore, NotAfter: notAfter,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca[0], leaf[0].PublicKey, caKey)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}
