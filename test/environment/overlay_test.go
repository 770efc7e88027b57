package environment_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"ippool-webhook/test/environment"
)

// The overlay's own names.
const (
	namespace   = "ippool-webhook"
	serving     = "ippool-webhook-serving"
	authority   = "ippool-webhook-ca"
	selfSigned  = "ippool-webhook-selfsigned"
	injectionOf = "cert-manager.io/inject-ca-from"
)

// hash is the suffix that kustomize appends to the name of a generated ConfigMap.
var hash = regexp.MustCompile(`(ippool-webhook-policy)-[0-9a-z]{10}$`)

// TestCertManagerOverlay builds the overlay as kubectl apply -k does, and compares the parts that must match.
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
		"ServiceAccount ippool-webhook", "ValidatingAdmissionPolicy ippool-webhook-crd-guard",
		"ValidatingAdmissionPolicyBinding ippool-webhook-crd-guard", "ValidatingWebhookConfiguration ippool-webhook",
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

// expectTrust expects that a webhook configuration trusts a certificate, and calls one of its names.
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
				t.Errorf("%s calls %s, which is not one of %s", w.Name, name, strings.Join(leaf.Spec.DNSNames, ", "))
			}
		}
	}
}

// build returns the objects that kustomize builds from a folder of the manifests.
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

// TestComponents adds components to an overlay, as docs/install.md describes, and expects the webhooks, each with its path, its
// failure policy and the user names that are treated as Whereabouts.
func TestComponents(t *testing.T) {
	const (
		mutate   = "users.mutate /mutate-whereabouts-cni-cncf-io-v1alpha1-ippool Ignore"
		enforce  = "/validate-whereabouts-cni-cncf-io-v1alpha1-ippool"
		observe  = enforce + "/observe"
		user     = "users.validate "
		cni      = "whereabouts.validate "
		names    = "system:serviceaccount:cni:whereabouts, jane"
		fallback = " Ignore"
	)
	for _, row := range []struct {
		name, overlay string
		components    []string
		usernames     string
		want          []string
	}{
		{"none", "cert-manager", nil, "", []string{mutate, user + enforce + " Fail"}},
		{"whereabouts-observe", "cert-manager", []string{"whereabouts-observe"}, "", []string{mutate, user + enforce + " Fail", cni + observe + fallback}},
		{"whereabouts-enforce", "self-managed", []string{"whereabouts-enforce"}, "", []string{mutate, user + enforce + " Fail", cni + enforce + fallback}},
		{"users-observe", "cert-manager", []string{"users-observe"}, "", []string{user + observe + fallback}},
		{"both observe", "self-managed", []string{"users-observe", "whereabouts-observe"}, "", []string{user + observe + fallback, cni + observe + fallback}},
		{"usernames alone", "cert-manager", []string{"whereabouts-usernames"}, names, []string{mutate, user + enforce + " Fail"}},
		{
			"usernames after all others", "cert-manager", []string{"users-observe", "whereabouts-enforce", "whereabouts-usernames"}, names,
			[]string{user + observe + fallback, cni + enforce + fallback},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			built := buildWith(t, row.overlay, row.components, row.usernames)
			var got []string
			for _, w := range webhooksOf(t, built) {
				got = append(got, fmt.Sprint(strings.TrimSuffix(w.Name, ".ippool-webhook"), " ", *w.ClientConfig.Service.Path, " ", *w.FailurePolicy))
				if listed := quoted(t, w); listed != row.usernames {
					t.Errorf("%s has the user names %q, want %q", w.Name, listed, row.usernames)
				}
			}
			if diff := cmp.Diff(row.want, slices.Sorted(slices.Values(got))); diff != "" { // versions of kustomize append to different ends
				t.Errorf("webhooks (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSameCondition expects one condition for users in both webhook configurations, and one for Whereabouts that names the same
// identities.
func TestSameCondition(t *testing.T) {
	expressions := map[string]string{}
	for _, w := range webhooksOf(t, buildWith(t, "cert-manager", []string{"whereabouts-observe"}, "")) {
		expressions[w.Name] = strings.Join(strings.Fields(w.MatchConditions[0].Expression), " ")
	}
	users := expressions["users.validate.ippool-webhook"]
	if users == "" || users != expressions["users.mutate.ippool-webhook"] {
		t.Errorf("the conditions for users differ: %q", expressions)
	}
	literals := regexp.MustCompile(`'[^']*'`)
	whereabouts := literals.FindAllString(expressions["whereabouts.validate.ippool-webhook"], -1)
	if diff := cmp.Diff(literals.FindAllString(users, -1), whereabouts); diff != "" {
		t.Errorf("the conditions name different identities (-users +whereabouts):\n%s", diff)
	}
}

// buildWith returns the objects that kustomize builds from an overlay with components, and with user names for the component
// whereabouts-usernames.
func buildWith(t *testing.T, overlay string, components []string, usernames string) resmap.ResMap {
	t.Helper()
	files, err := environment.FindFiles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	own := map[string]any{"resources": []string{"../manifests/overlays/" + overlay}}
	further := map[string]string{}
	if usernames != "" {
		own["resources"] = []string{"../manifests/overlays/" + overlay, "usernames.yaml"}
		further["usernames.yaml"] = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ippool-webhook-usernames\n" +
			"  annotations: {config.kubernetes.io/local-config: \"true\"}\ndata: {usernames: '" + usernames + "'}\n"
	}
	paths := make([]string, len(components))
	for i, name := range components {
		paths[i] = "../manifests/components/" + name
	}
	own["components"] = paths
	text, err := yaml.Marshal(own)
	if err != nil {
		t.Fatal(err)
	}
	built, err := files.Build(string(text), further)
	if err != nil {
		t.Fatal(err)
	}
	return built
}

// webhooksOf returns the webhooks of both configurations, with the fields of validating webhooks.
func webhooksOf(t *testing.T, built resmap.ResMap) []admissionv1.ValidatingWebhook {
	t.Helper()
	var all []admissionv1.ValidatingWebhook
	for _, r := range built.Resources() {
		if !strings.HasSuffix(r.GetKind(), "WebhookConfiguration") {
			continue
		}
		text, err := r.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var configuration admissionv1.ValidatingWebhookConfiguration
		if err := json.Unmarshal(text, &configuration); err != nil {
			t.Fatal(err)
		}
		all = append(all, configuration.Webhooks...)
	}
	return all
}

// quoted returns the only text in double quotes of the condition of a webhook.
func quoted(t *testing.T, w admissionv1.ValidatingWebhook) string {
	t.Helper()
	if len(w.MatchConditions) != 1 {
		t.Fatalf("%s has %d conditions, want 1", w.Name, len(w.MatchConditions))
	}
	parts := strings.Split(w.MatchConditions[0].Expression, `"`)
	if len(parts) != 3 {
		t.Fatalf("%s: want one text in double quotes: %s", w.Name, w.MatchConditions[0].Expression)
	}
	return parts[1]
}
