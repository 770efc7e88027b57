package deploy

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/test/environment"
	"ippool-webhook/test/markdown"
)

// TestInstallDocument runs the commands of docs/install.md. No controller starts pods, so it leaves out the commands that wait for
// pods.
func TestInstallDocument(t *testing.T) {
	d := newInstallDocument(t)
	breakGlass, rollOut := d.blocks("Break-glass", "sh"), d.blocks("Roll it out safely", "sh")
	uninstall := strings.Split(d.blocks("Uninstall", "sh")[0], "\n")
	deleteConfigurations, uninstallRelease := uninstall[1], uninstall[3]
	for _, row := range []struct {
		name string
		test func(*testing.T)
	}{
		{"install with Helm", func(t *testing.T) {
			d.run(t, d.blocks("With Helm", "sh")[0])
			expectInstalled(t, render(t, "image: {repository: registry.example/ippool-webhook, tag: v0.1.0}"))
			expectRejected(t)
		}},
		{"allow requests without an answer", func(t *testing.T) {
			d.run(t, breakGlass[0])
			expectWritten(t)
		}},
		{"remove an allocation", func(t *testing.T) {
			storePool(t)
			d.run(t, rollOut[1])
			expectNoAllocations(t)
		}},
		{"validate all stored pools", func(t *testing.T) {
			if out := d.run(t, rollOut[2]); !strings.Contains(out, `ippools.whereabouts.cni.cncf.io "10.0.0.0-24" already exists`) {
				t.Errorf("the command prints %q, want that the pool already exists", out)
			}
		}},
		{"switch off", func(t *testing.T) {
			d.run(t, breakGlass[1])
			expectWritten(t)
			if err := suite.admin.Delete(t.Context(), documentedPool()); err != nil {
				t.Error(err)
			}
		}},
		{"uninstall with Helm", func(t *testing.T) {
			d.run(t, uninstallRelease)
			expectInstalled(t, objects{})
		}},
		{"install with kustomize", func(t *testing.T) {
			d.run(t, d.blocks("With kustomize", "sh")[0])
			expectRejected(t)
		}},
		{"set the Policy with kustomize", d.expectPolicy},
		{"uninstall with kustomize", func(t *testing.T) {
			d.run(t, deleteConfigurations)
			expectWritten(t)
			d.removeOverlay(t)
		}},
	} {
		suite.rows.Run(t, row.name, row.test)
	}
}

// installDocument is docs/install.md, with a folder for its commands.
type installDocument struct {
	t   *testing.T
	dir string // has the manifests, and the folder deploy of the document
}

func newInstallDocument(t *testing.T) installDocument {
	t.Helper()
	d := installDocument{t, t.TempDir()}
	err := errors.Join(
		os.CopyFS(filepath.Join(d.dir, "manifests"), os.DirFS(suite.Manifest())),
		os.Mkdir(filepath.Join(d.dir, "deploy"), 0o700),
		os.WriteFile(filepath.Join(d.dir, "deploy", "kustomization.yaml"), []byte(d.blocks("With kustomize", "yaml")[0]), 0o600),
	)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// blocks returns the code blocks of a section.
func (d installDocument) blocks(heading, language string) []string {
	d.t.Helper()
	blocks, err := markdown.Blocks(suite.Path("docs", "install.md"), heading, language)
	if err != nil {
		d.t.Fatal(err)
	}
	return blocks
}

// TestInstallWithoutCertManager runs the command for kustomize in a cluster without cert-manager. It must not leave webhook
// configurations: they would have no CA, and users could not write pools.
func TestInstallWithoutCertManager(t *testing.T) {
	suite.rows.Run(t, "kustomize", func(t *testing.T) {
		plane, err := environment.StartControlPlane(t.Context(), environment.ControlPlaneOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := plane.Stop(); err != nil {
				t.Error(err)
			}
		}()
		jane, err := plane.AddUser(adminName, "system:masters")
		if err != nil {
			t.Fatal(err)
		}
		d := newInstallDocument(t)
		out, err := d.command(t, d.blocks("With kustomize", "sh")[0], "KUBECONFIG="+jane.Kubeconfig).CombinedOutput()
		if err == nil || !strings.Contains(string(out), `"certificates.cert-manager.io" not found`) {
			t.Errorf("the command prints %q, %v, want an error about the CRD of certificates", out, err)
		}
		admin, err := client.New(plane.Admin(), client.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var configurations admissionv1.ValidatingWebhookConfigurationList
		if err := admin.List(t.Context(), &configurations); err != nil || len(configurations.Items) > 0 {
			t.Errorf("the command leaves %d webhook configurations, %v", len(configurations.Items), err)
		}
	})
}

// command returns a command that runs commands with bash, as a user with all permissions.
func (d installDocument) command(t *testing.T, commands string, env ...string) *exec.Cmd {
	t.Helper()
	kubectl, ok := suite.Kubectl()
	if !ok {
		t.Skip("KUBEBUILDER_ASSETS has no kubectl; make control-plane builds one")
	}
	bash := exec.CommandContext(t.Context(), "bash", "-e", "-c", commands)
	bash.Dir = d.dir
	bash.Env = append(helmEnv(), "PATH="+filepath.Dir(kubectl)+":"+suite.Path("test", "tools", "bin")+":"+os.Getenv("PATH"))
	bash.Env = append(bash.Env, env...)
	return bash
}

// run runs commands with bash, as a user with all permissions, and returns their output. Exit code 1, which kubectl has for a
// rejected request, is not an error if the last command is a loop over pools.
func (d installDocument) run(t *testing.T, commands string) string {
	t.Helper()
	out, err := d.command(t, commands).CombinedOutput()
	rejected := (*exec.ExitError)(nil)
	if errors.As(err, &rejected) && rejected.ExitCode() == 1 && strings.Contains(commands, "while read") {
		err = nil
	}
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// expectPolicy adds the Policy of docs/policy.md to the kustomization as that document describes, and expects that the server
// accepts it.
func (d installDocument) expectPolicy(t *testing.T) {
	t.Helper()
	example, err := markdown.Blocks(suite.Path("docs", "policy.md"), "Policy", "yaml")
	if err != nil {
		t.Fatal(err)
	}
	generator, err := markdown.Blocks(suite.Path("docs", "policy.md"), "Set the Policy", "yaml")
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(
		os.WriteFile(filepath.Join(d.dir, "deploy", "policy.yaml"), []byte(example[0]), 0o600),
		os.WriteFile(filepath.Join(d.dir, "deploy", "kustomization.yaml"), []byte(d.blocks("With kustomize", "yaml")[0]+generator[0]), 0o600),
	)
	if err != nil {
		t.Fatal(err)
	}
	for key, object := range parse(t, []byte(d.run(t, "kubectl kustomize deploy"))) {
		if !strings.HasPrefix(key, "ConfigMap ippool-webhook-policy-") {
			continue
		}
		text, _, err := unstructured.NestedString(object.Object, "data", "policy.yaml")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(effective(t, example[0]), effective(t, text)); diff != "" {
			t.Errorf("Policy (-document +kustomization):\n%s", diff)
		}
		return
	}
	t.Error("there is no ConfigMap with the Policy")
}

// removeOverlay deletes the objects of the overlay, except the namespace, because no controller deletes its content.
func (d installDocument) removeOverlay(t *testing.T) {
	t.Helper()
	for key, object := range parse(t, []byte(d.run(t, "kubectl kustomize deploy"))) {
		if object.GetKind() == "Namespace" {
			continue
		}
		if err := client.IgnoreNotFound(suite.admin.Delete(t.Context(), object)); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
}

// storePool stores the pool whose allocation the document removes.
func storePool(t *testing.T) {
	t.Helper()
	pool := documentedPool()
	pool.Object["spec"] = map[string]any{
		"range": "10.0.0.0/24", "allocations": map[string]any{"300": map[string]any{"id": "1f0c6a", "podref": "default/web-0"}},
	}
	if err := suite.admin.Create(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
}

func expectNoAllocations(t *testing.T) {
	t.Helper()
	pool := documentedPool()
	if err := suite.admin.Get(t.Context(), client.ObjectKeyFromObject(pool), pool); err != nil {
		t.Fatal(err)
	}
	if left, _, err := unstructured.NestedMap(pool.Object, "spec", "allocations"); err != nil || len(left) > 0 {
		t.Errorf("the pool has the allocations %v, %v", left, err)
	}
}

// documentedPool returns the pool that the document names, without its spec.
func documentedPool() *unstructured.Unstructured {
	pool := &unstructured.Unstructured{}
	pool.SetGroupVersionKind(environment.PoolResource().GroupVersion().WithKind("IPPool"))
	pool.SetNamespace(metav1.NamespaceSystem)
	pool.SetName("10.0.0.0-24")
	return pool
}
