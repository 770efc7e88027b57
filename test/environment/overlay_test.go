package environment_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"ippool-webhook/test/environment"
	"ippool-webhook/webhook/policy"
)

// The overlay's own names.
const (
	namespace   = "ippool-webhook"
	serving     = "ippool-webhook-serving"
	authority   = "ippool-webhook-ca"
	selfSigned  = "ippool-webhook-selfsigned"
	injectionOf = "cert-manager.io/inject-ca-from"
)

// hash is what kustomize appends to the name of the ConfigMap that it makes.
var hash = regexp.MustCompile(`(ippool-webhook-policy)-[0-9a-z]{10}$`)

// TestCertManagerOverlay builds the overlay as kubectl apply -k does, and holds what must fit together against each other.
func TestCertManagerOverlay(t *testing.T) {
	built := build(t, "overlays", "cert-manager")
	var names []string
	for _, r := range built.Resources() {
		names = append(names, r.GetKind()+" "+hash.ReplaceAllString(r.GetName(), "$1"))
	}
	want := []string{
		"Certificate " + authority, "Certificate " + serving, "ConfigMap ippool-webhook-policy", "Deployment ippool-webhook",
		"Issuer " + authority, "Issuer " + selfSigned, "MutatingWebhookConfiguration ippool-webhook", "Namespace ippool-webhook",
		"NetworkPolicy ippool-webhook", "PodDisruptionBudget ippool-webhook", "Service ippool-webhook",
		"ServiceAccount ippool-webhook", "ValidatingWebhookConfiguration ippool-webhook",
	}
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(names))); diff != "" {
		t.Fatalf("objects (-want +got):\n%s", diff)
	}

	var ca, leaf certmanagerv1.Certificate
	find(t, built, "Certificate", authority, &ca)
	find(t, built, "Certificate", serving, &leaf)
	var caIssuer, selfIssuer certmanagerv1.Issuer
	find(t, built, "Issuer", authority, &caIssuer)
	find(t, built, "Issuer", selfSigned, &selfIssuer)
	if selfIssuer.Spec.SelfSigned == nil || ca.Spec.IssuerRef.Name != selfIssuer.Name || !ca.Spec.IsCA {
		t.Error("the CA does not sign itself")
	}
	if caIssuer.Spec.CA == nil || caIssuer.Spec.CA.SecretName != ca.Spec.SecretName || leaf.Spec.IssuerRef.Name != caIssuer.Name {
		t.Error("the CA does not sign the serving certificate")
	}
	if ca.Spec.PrivateKey.RotationPolicy != certmanagerv1.RotationPolicyNever || leaf.Spec.PrivateKey.RotationPolicy != certmanagerv1.RotationPolicyAlways {
		t.Error("want a CA that keeps its key, and a serving certificate with a new one each time")
	}
	if leaf.Spec.Duration.Duration != 90*24*time.Hour || leaf.Spec.RenewBefore.Duration != leaf.Spec.Duration.Duration/3 {
		t.Error("want 90 days, renewed after two thirds")
	}
	if ca.Spec.RenewBefore.Duration <= leaf.Spec.Duration.Duration {
		t.Error("the CA may expire before what it has signed")
	}
	expectTrust(t, built, "ValidatingWebhookConfiguration", leaf)
	expectTrust(t, built, "MutatingWebhookConfiguration", leaf)
}

// expectTrust expects that a webhook configuration trusts a certificate, and calls a name of it.
func expectTrust(t *testing.T, built resmap.ResMap, kind string, leaf certmanagerv1.Certificate) {
	t.Helper()
	var configuration struct {
		Metadata struct{ Annotations map[string]string }
		Webhooks []struct {
			Name         string
			ClientConfig struct {
				Service struct{ Name, Namespace string }
			}
		}
	}
	read := object(t, built, kind, "ippool-webhook")
	if err := json.Unmarshal(read, &configuration); err != nil {
		t.Fatal(err)
	}
	if got, want := configuration.Metadata.Annotations[injectionOf], leaf.Namespace+"/"+leaf.Name; got != want {
		t.Errorf("%s of the %s is %q, want %q", injectionOf, kind, got, want)
	}
	for _, w := range configuration.Webhooks {
		service := w.ClientConfig.Service
		for _, name := range []string{"%s.%s.svc", "%s.%s.svc.cluster.local"} {
			if name = fmt.Sprintf(name, service.Name, service.Namespace); !slices.Contains(leaf.Spec.DNSNames, name) {
				t.Errorf("%s calls %s, which is none of %s", w.Name, name, strings.Join(leaf.Spec.DNSNames, ", "))
			}
		}
	}
}

// build returns what kustomize makes of a folder of the manifests.
func build(t *testing.T, elements ...string) resmap.ResMap {
	t.Helper()
	files, err := environment.FindFiles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), files.Manifest(elements...))
	if err != nil {
		t.Fatal(err)
	}
	return built
}

// find reads an object strictly.
func find(t *testing.T, built resmap.ResMap, kind, name string, into any) {
	t.Helper()
	if err := yaml.UnmarshalStrict(object(t, built, kind, name), into); err != nil {
		t.Fatalf("%s %s: %v", kind, name, err)
	}
}

// object returns the JSON of an object.
func object(t *testing.T, built resmap.ResMap, kind, name string) []byte {
	t.Helper()
	for _, r := range built.Resources() {
		if r.GetKind() != kind || r.GetName() != name {
			continue
		}
		if namespaced := kind == "Certificate" || kind == "Issuer"; namespaced && r.GetNamespace() != namespace {
			t.Errorf("%s %s is in namespace %q", kind, name, r.GetNamespace())
		}
		text, err := r.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	t.Fatalf("there is no %s %s", kind, name)
	return nil
}

// TestTrustedWritersInOnePlace adds the component to an overlay, as docs/install.md says, with another list, and finds that
// wherever the webhook is told whom to trust; beside the components about what pod starts wait for, in either order, too.
func TestTrustedWritersInOnePlace(t *testing.T) {
	const (
		ordinary = "ordinary.validate.ippool-webhook [ordinary-writer spec-changed]"
		trusted  = "trusted.validate.ippool-webhook [trusted-writer spec-changed]"
		sparing  = "trusted.validate.ippool-webhook [trusted-writer spec-changed more-than-a-release]"
		mutating = "ordinary.mutate.ippool-webhook [ordinary-writer spec-changed]"
	)
	for _, row := range []struct {
		overlay, components string
		want                []string // the entries, with their conditions
	}{
		{"cert-manager", "trusted-writers", []string{mutating, ordinary, sparing}},
		{"self-managed", "trusted-writers", []string{mutating, ordinary, sparing}},
		{"self-managed", "trusted-writers, ../manifests/components/judged-releases", []string{mutating, ordinary, trusted}},
		{"cert-manager", "../manifests/components/unjudged-trusted-writers, trusted-writers", []string{mutating, ordinary}},
	} {
		t.Run(row.overlay+" with "+row.components, func(t *testing.T) {
			own := "resources: [../manifests/overlays/" + row.overlay + "]\ncomponents: [" + row.components + "]\n"
			built := buildWithTrusted(t, own, "'system:serviceaccount:cni:whereabouts', 'jane'")
			expectTrusted(t, built, []string{"system:serviceaccount:cni:whereabouts", "jane"}, len(row.want)+1)
			if diff := cmp.Diff(row.want, entries(t, built)); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
		})
	}
}

// buildWithTrusted returns what kustomize makes of a kustomization.yaml beside the manifests, and beside a copy of the
// component trusted-writers with other names.
func buildWithTrusted(t *testing.T, own, usernames string) resmap.ResMap {
	t.Helper()
	files, err := environment.FindFiles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for from, to := range map[string]string{
		"base": "manifests/base", "overlays": "manifests/overlays", "components": "manifests/components",
		"components/trusted-writers": "deploy/trusted-writers",
	} {
		if err := os.CopyFS(filepath.Join(dir, to), os.DirFS(files.Manifest(from))); err != nil {
			t.Fatal(err)
		}
	}
	list := filepath.Join(dir, "deploy", "trusted-writers", "usernames.yaml")
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(
		os.WriteFile(list, regexp.MustCompile(`(?s)'.*'`).ReplaceAll(text, []byte(usernames)), 0o600),
		os.WriteFile(filepath.Join(dir, "deploy", "kustomization.yaml"), []byte(own), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join(dir, "deploy"))
	if err != nil {
		t.Fatal(err)
	}
	return built
}

// entries returns the entries of both webhook configurations, with the names of their conditions.
func entries(t *testing.T, built resmap.ResMap) []string {
	t.Helper()
	var all []string
	for _, kind := range []string{"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"} {
		var configuration admissionv1.ValidatingWebhookConfiguration // whose fields will do for both
		if err := json.Unmarshal(object(t, built, kind, "ippool-webhook"), &configuration); err != nil {
			t.Fatal(err)
		}
		for _, webhook := range configuration.Webhooks {
			var conditions []string
			for _, condition := range webhook.MatchConditions {
				conditions = append(conditions, condition.Name)
			}
			all = append(all, fmt.Sprint(webhook.Name, " ", conditions))
		}
	}
	return all
}

// expectTrusted expects these user names wherever there is a list, and so many lists: one in the match conditions of each webhook
// and one in the Policy.
func expectTrusted(t *testing.T, built resmap.ResMap, want []string, wantLists int) {
	t.Helper()
	lists := 0
	for _, r := range built.Resources() {
		object := r.MustYaml()
		if r.GetKind() == "ConfigMap" {
			var configMap corev1.ConfigMap
			if err := yaml.UnmarshalStrict([]byte(object), &configMap); err != nil {
				t.Fatal(err)
			}
			p, err := policy.Parse([]byte(configMap.Data["policy.yaml"]))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, p.TrustedWriters.Usernames); diff != "" {
				t.Errorf("the Policy (-want +got):\n%s", diff)
			}
			lists++
			continue
		}
		for _, list := range regexp.MustCompile(`(?s)username in \[(.*?)\]`).FindAllStringSubmatch(object, -1) {
			var got []string
			for _, name := range regexp.MustCompile(`'([^']+)'`).FindAllStringSubmatch(list[1], -1) {
				got = append(got, name[1])
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", r.GetKind(), diff)
			}
			lists++
		}
	}
	if lists != wantLists {
		t.Errorf("there are %d lists, want %d", lists, wantLists)
	}
}
