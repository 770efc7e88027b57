package deploy

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/test/environment"
)

// TestRelease installs, upgrades, rolls back and uninstalls a release. Each row starts with the state after the previous row.
// No controller starts pods.
func TestRelease(t *testing.T) {
	before := earlierChart(t)
	const (
		earlier     = "{replicas: 3, webhooks: {whereabouts: {extraUsernames: [somebody]}}, " + monitoring + "}"
		selfManaged = "certificates: {source: self-managed}"
	)
	for _, row := range []struct {
		name string
		test func(*testing.T)
	}{
		{"lint", func(t *testing.T) { run(t, append([]string{"lint", "--strict", chart()}, valueFlags(t, "")...)...) }},
		{"install", func(t *testing.T) {
			run(t, append([]string{"install", name, before, "--namespace", name}, valueFlags(t, earlier)...)...)
			expectInstalled(t, render(t, earlier))
		}},
		{"writes are rejected while the webhook does not run", expectRejected},
		{"upgrade", func(t *testing.T) {
			injectAuthority(t)
			upgrade(t, "")
			expectInstalled(t, render(t, ""))
		}},
		{"upgrade keeps the CA that cert-manager has injected", expectAuthority},
		{"upgrade to self-managed takes over the Secret of cert-manager", func(t *testing.T) {
			issue(t)
			if _, err := helm(t.Context(), upgradeArgs(t, selfManaged)...); err == nil || !strings.Contains(err.Error(), "cannot be imported into the current release") {
				t.Errorf("err = %v, want that helm does not import the Secret of cert-manager", err)
			}
			upgrade(t, selfManaged, "--take-ownership")
			expectInstalled(t, render(t, selfManaged))
		}},
		{"upgrade keeps the content of the Secret of the replicas", func(t *testing.T) {
			upgrade(t, selfManaged, "--set", "replicas=3")
			if secret := servingSecret(t); len(secret.Data["tls.crt"]) == 0 {
				t.Error("the Secret is empty")
			}
		}},
		{"upgrade back to cert-manager", func(t *testing.T) {
			upgrade(t, "")
			expectInstalled(t, render(t, ""))
		}},
		{"rollback", func(t *testing.T) {
			run(t, "rollback", name, "1", "--namespace", name)
			expectInstalled(t, render(t, earlier))
		}},
		{"uninstall, webhooks first", expectOrderlyUninstall},
		{"uninstall leaves nothing", func(t *testing.T) {
			expectInstalled(t, objects{})
			for _, secret := range list(t, corev1.SchemeGroupVersion.WithKind("Secret"), client.MatchingLabels{"owner": "helm"}) {
				t.Errorf("Secret %s is still there", secret.GetName())
			}
		}},
		{"writes are allowed again", expectWritten},
	} {
		suite.rows.Run(t, row.name, row.test)
	}
}

// run runs helm. It must succeed.
func run(t *testing.T, args ...string) {
	t.Helper()
	if _, err := helm(t.Context(), args...); err != nil {
		t.Fatal(err)
	}
}

func upgrade(t *testing.T, text string, flags ...string) {
	t.Helper()
	run(t, append(upgradeArgs(t, text), flags...)...)
}

func upgradeArgs(t *testing.T, text string) []string {
	t.Helper()
	// Without the flag, helm does not use the values of the previous release.
	return append([]string{"upgrade", name, chart(), "--namespace", name, "--reset-values"}, valueFlags(t, text)...)
}

// earlierChart returns the path of a copy of the chart with a lower version.
func earlierChart(t *testing.T) string {
	t.Helper()
	path := copyChart(t)
	about := filepath.Join(path, "Chart.yaml")
	text, err := os.ReadFile(about)
	if err != nil {
		t.Fatal(err)
	}
	text = regexp.MustCompile(`(?m)^version: .*$`).ReplaceAll(text, []byte("version: 0.0.1"))
	if err := os.WriteFile(about, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// expectInstalled expects that exactly these objects in the cluster belong to the release, and that each is as rendered.
func expectInstalled(t *testing.T, want objects) {
	t.Helper()
	got := ofRelease(t)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
		t.Fatalf("objects of the release (-want +got):\n%s", diff)
	}
	for key := range want {
		withoutVersion(want[key])
		if missing := lacks(want[key].Object, got[key].Object); missing != "" {
			t.Errorf("%s: not as rendered at %s", key, missing)
		}
	}
}

// withoutVersion removes the label in which the earlier chart differs from the rendered objects.
func withoutVersion(object *unstructured.Unstructured) {
	labels := object.GetLabels()
	delete(labels, "helm.sh/chart")
	object.SetLabels(labels)
}

// lacks returns the path of an expected field that is missing or different. It ignores additional fields.
func lacks(want, got any) string {
	switch want := want.(type) {
	case map[string]any:
		got, _ := got.(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(want)) {
			if missing := lacks(want[key], got[key]); missing != "" {
				return "." + key + missing
			}
		}
		return ""
	case []any:
		got, _ := got.([]any)
		if len(want) != len(got) {
			return fmt.Sprintf(": %d items, want %d", len(got), len(want))
		}
		for i := range want {
			if missing := lacks(want[i], got[i]); missing != "" {
				return fmt.Sprintf("[%d]%s", i, missing)
			}
		}
		return ""
	default:
		if fmt.Sprint(want) == fmt.Sprint(got) { // equal numbers can have different types
			return ""
		}
		return fmt.Sprintf(": %v, want %v", got, want)
	}
}

// ofRelease returns all objects in the cluster, of all kinds, that have the label of the release.
func ofRelease(t *testing.T) objects {
	t.Helper()
	found := objects{}
	for _, kind := range kinds(t) {
		for _, object := range list(t, kind, client.MatchingLabels{"app.kubernetes.io/instance": name}) {
			found[object.GetKind()+" "+object.GetName()] = &object
		}
	}
	return found
}

func list(t *testing.T, kind schema.GroupVersionKind, labels client.MatchingLabels) []unstructured.Unstructured {
	t.Helper()
	all := &unstructured.UnstructuredList{}
	all.SetGroupVersionKind(kind)
	if err := suite.admin.List(t.Context(), all, labels); err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return all.Items
}

// injectAuthority writes a CA to every webhook, as cainjector does.
func injectAuthority(t *testing.T) {
	t.Helper()
	validating, mutating := liveConfigurations(t)
	for i := range validating.Webhooks {
		validating.Webhooks[i].ClientConfig.CABundle = []byte("CA")
	}
	for i := range mutating.Webhooks {
		mutating.Webhooks[i].ClientConfig.CABundle = []byte("CA")
	}
	for _, object := range []client.Object{validating, mutating} {
		if err := suite.admin.Update(t.Context(), object, client.FieldOwner("cainjector")); err != nil {
			t.Fatal(err)
		}
	}
}

func expectAuthority(t *testing.T) {
	validating, mutating := liveConfigurations(t)
	for _, webhook := range validating.Webhooks {
		expect(t, "caBundle of "+webhook.Name, "CA", string(webhook.ClientConfig.CABundle))
	}
	for _, webhook := range mutating.Webhooks {
		expect(t, "caBundle of "+webhook.Name, "CA", string(webhook.ClientConfig.CABundle))
	}
}

// issue creates the Secret that cert-manager would create, with a certificate.
func issue(t *testing.T) {
	t.Helper()
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: name, Name: "ippool-webhook-serving"},
		Data:       map[string][]byte{"tls.crt": []byte("certificate"), "tls.key": []byte("key")},
	}
	if err := suite.admin.Create(t.Context(), secret, client.FieldOwner("cert-manager")); err != nil {
		t.Fatal(err)
	}
}

func servingSecret(t *testing.T) (secret corev1.Secret) {
	t.Helper()
	if err := suite.admin.Get(t.Context(), client.ObjectKey{Namespace: name, Name: "ippool-webhook-serving"}, &secret); err != nil {
		t.Fatal(err)
	}
	return secret
}

// expectRejected awaits that the API server rejects pools of users, because no webhook answers.
func expectRejected(t *testing.T) {
	err := environment.Await(t.Context(), "the webhook configurations", func(ctx context.Context) error {
		if err := writePool(ctx, suite.admin); !environment.Unanswered(err) {
			return fmt.Errorf("the result of a write is %w, want a webhook call without an answer", err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// expectWritten expects that no webhook configuration is left that rejects pools.
func expectWritten(t *testing.T) {
	err := environment.Await(t.Context(), "writes without the webhook", func(ctx context.Context) error {
		return writePool(ctx, suite.admin)
	})
	if err != nil {
		t.Error(err)
	}
}

// writePool creates a pool as a dry run.
func writePool(ctx context.Context, user client.Client) error {
	pool := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": environment.PoolResource().GroupVersion().String(), "kind": "IPPool",
		"metadata": map[string]any{"name": "10.0.0.0-24", "namespace": metav1.NamespaceDefault},
		"spec":     map[string]any{"range": "10.0.0.0/24", "allocations": map[string]any{}},
	}}
	return user.Create(ctx, pool, client.DryRunAll)
}
