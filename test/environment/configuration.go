package environment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// configurationName is the name of both webhook configurations.
const configurationName = "ippool-webhook"

// Build returns the objects that kustomize builds from a kustomization.yaml in a folder beside manifests, so that it refers to
// ../manifests. Files are further files of the folder, by name.
func (f *Files) Build(kustomization string, files map[string]string) (built resmap.ResMap, err error) {
	root, err := os.MkdirTemp("", "ippool-webhook-kustomize-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(root)) }()
	if err := os.CopyFS(filepath.Join(root, "manifests"), os.DirFS(f.Manifest())); err != nil {
		return nil, err
	}
	dir := filepath.Join(root, "own")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(kustomization), 0o600); err != nil {
		return nil, err
	}
	return krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
}

// Configure installs the webhook configurations of the base with components of the manifests, and awaits that the API server
// uses them. The webhook must be running.
func (e *Environment) Configure(ctx context.Context, components ...string) error {
	kustomization := "resources: [../manifests/base]\ncomponents: [" + prefixed("../manifests/components/", components) + "]\n"
	built, err := e.Build(kustomization, nil)
	if err != nil {
		return fmt.Errorf("components %s: %w", components, err)
	}
	var validating admissionv1.ValidatingWebhookConfiguration
	var mutating *admissionv1.MutatingWebhookConfiguration
	for _, r := range built.Resources() {
		var into any
		switch r.GetKind() {
		case "ValidatingWebhookConfiguration":
			into = &validating
		case "MutatingWebhookConfiguration":
			mutating = &admissionv1.MutatingWebhookConfiguration{}
			into = mutating
		default:
			continue
		}
		text, err := r.MarshalJSON()
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, into); err != nil {
			return err
		}
	}
	if err := errors.Join(e.setValidating(ctx, validating), e.setMutating(ctx, mutating)); err != nil {
		return err
	}
	if err := e.awaitConfiguration(ctx, validating); err != nil || mutating == nil {
		return err
	}
	return e.awaitNormalization(ctx)
}

func prefixed(prefix string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return prefix + strings.Join(names, ", "+prefix)
}

func (e *Environment) setValidating(ctx context.Context, c admissionv1.ValidatingWebhookConfiguration) error {
	client, err := kubernetes.NewForConfig(e.Admin())
	if err != nil {
		return err
	}
	for i := range c.Webhooks {
		c.Webhooks[i].ClientConfig = e.clientConfig(c.Webhooks[i].ClientConfig)
		if e.whereaboutsTimeout != 0 && strings.HasPrefix(c.Webhooks[i].Name, "whereabouts.") {
			c.Webhooks[i].TimeoutSeconds = &e.whereaboutsTimeout
		}
	}
	stored, err := client.AdmissionregistrationV1().ValidatingWebhookConfigurations().Get(ctx, configurationName, metav1.GetOptions{})
	if err != nil {
		return err
	}
	stored.Webhooks = c.Webhooks
	_, err = client.AdmissionregistrationV1().ValidatingWebhookConfigurations().Update(ctx, stored, metav1.UpdateOptions{})
	return err
}

// setMutating sets the configuration, or removes it if it is nil.
func (e *Environment) setMutating(ctx context.Context, c *admissionv1.MutatingWebhookConfiguration) error {
	client, err := kubernetes.NewForConfig(e.Admin())
	if err != nil {
		return err
	}
	configurations := client.AdmissionregistrationV1().MutatingWebhookConfigurations()
	if err := configurations.Delete(ctx, configurationName, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	if c == nil {
		return nil
	}
	for i := range c.Webhooks {
		c.Webhooks[i].ClientConfig = e.clientConfig(c.Webhooks[i].ClientConfig)
	}
	_, err = configurations.Create(ctx, c, metav1.CreateOptions{})
	return err
}

// clientConfig replaces a Service with the URL of the process.
func (e *Environment) clientConfig(c admissionv1.WebhookClientConfig) admissionv1.WebhookClientConfig {
	url := "https://" + e.Webhook.address + *c.Service.Path
	return admissionv1.WebhookClientConfig{URL: &url, CABundle: e.plane.WebhookInstallOptions.LocalServingCAData}
}

// awaitConfiguration awaits that the API server treats malformed pools of Whereabouts and of a user as the configuration
// requires.
func (e *Environment) awaitConfiguration(ctx context.Context, c admissionv1.ValidatingWebhookConfiguration) error {
	want := map[string]string{"system:serviceaccount:kube-system:whereabouts": "skipped", "jane": "skipped"}
	for _, w := range c.Webhooks {
		user := "jane"
		if strings.HasPrefix(w.Name, "whereabouts.") {
			user = "system:serviceaccount:kube-system:whereabouts"
		}
		want[user] = "denied"
		if strings.HasSuffix(*w.ClientConfig.URL, "/observe") {
			want[user] = "warned"
		}
	}
	return Await(ctx, "the webhook configurations", func(ctx context.Context) error {
		for user, want := range want {
			got, err := e.treatment(ctx, user)
			if err != nil {
				return err
			}
			if got != want {
				return fmt.Errorf("a malformed pool of %s is %s, not %s", user, got, want)
			}
		}
		return nil
	})
}

// treatment returns the result of a malformed pool of a user: denied, warned or skipped.
func (e *Environment) treatment(ctx context.Context, user string) (string, error) {
	var warnings bytes.Buffer
	config := rest.CopyConfig(e.Admin())
	config.Impersonate.UserName = user
	config.WarningHandler = rest.NewWarningWriter(&warnings, rest.WarningWriterOptions{})
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return "", err
	}
	pool := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": PoolResource().GroupVersion().String(), "kind": "IPPool",
		"metadata": map[string]any{"name": "probe"}, "spec": map[string]any{"range": "malformed", "allocations": map[string]any{}},
	}}
	_, err = client.Resource(PoolResource()).Namespace(metav1.NamespaceDefault).Create(ctx, pool, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	switch {
	case apierrors.IsInvalid(err):
		return "denied", nil
	case err != nil:
		return "", err
	case warnings.Len() > 0:
		return "warned", nil
	default:
		return "skipped", nil
	}
}
