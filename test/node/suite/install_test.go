package suite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	name = "ippool-webhook" // name of the release, of its namespace, and of most objects

	repository, tag = "docker.io/library/ippool-webhook", "node" // the image that `make image-layout` packed
)

// installation is a way to install the product. Its commands are those of docs/install.md.
type installation struct {
	install func(t *testing.T, logLevel string) // installs or upgrades
	undo    func(t *testing.T)                  // returns to the previous version
	remove  func(t *testing.T)
}

// TestInstallation installs the product as the documents say, uses it as a user does, upgrades it, returns to the previous version, and
// removes it.
func TestInstallation(t *testing.T) {
	if err := installCertManager(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, way := range []struct {
		name string
		make func(t *testing.T) installation
	}{
		{"kustomize", withKustomize},
		{"Helm", func(*testing.T) installation { return withHelm() }},
	} {
		t.Run(way.name, func(t *testing.T) { testInstallation(t, way.make(t)) })
	}
}

func testInstallation(t *testing.T, i installation) {
	run := func(name string, row func(*testing.T)) { suite.rows.Run(t, name, row) }
	run("installs", func(t *testing.T) {
		i.install(t, "info")
		awaitRollout(t)
		expectRestricted(t)
	})
	if t.Failed() {
		return // the other rows would only repeat the failure
	}
	run("doctor finds nothing", expectHealthy)
	run("denies and normalizes", expectValidated)
	run("logs", func(t *testing.T) {
		if log := kubectl(t, "-n", name, "logs", "-l", "app.kubernetes.io/name="+name, "--tail=-1"); !strings.Contains(log, "range-syntax") {
			t.Errorf("the log has no line about the denied request:\n%s", log)
		}
	})
	run("metrics through a port-forward", expectMetrics)
	run("upgrades", func(t *testing.T) {
		i.install(t, "debug")
		awaitRollout(t)
		expectArgument(t, "--zap-log-level=debug", true)
	})
	run("returns to the previous version", func(t *testing.T) {
		i.undo(t)
		awaitRollout(t)
		expectArgument(t, "--zap-log-level=debug", false)
		expectValidated(t)
	})
	run("is removed", func(t *testing.T) {
		i.remove(t)
		expectRemoved(t)
	})
}

// installCertManager installs cert-manager with its chart.
func installCertManager(ctx context.Context) error {
	if out, err := helmWith(ctx, "upgrade", "--install", "cert-manager", suite.Path("test", "node", "bin", "manifests", "cert-manager"),
		"--namespace", "cert-manager", "--create-namespace", "--wait", "--timeout", "2m",
		"--set", "crds.enabled=true", "--set", "startupapicheck.enabled=false", // its program is not built
		"--set", "image.repository=cert-manager-controller", "--set", "image.tag=local",
		"--set", "cainjector.image.repository=cert-manager-cainjector", "--set", "cainjector.image.tag=local",
		"--set", "webhook.image.repository=cert-manager-webhook", "--set", "webhook.image.tag=local",
	); err != nil {
		return fmt.Errorf("cannot install cert-manager: %w\n%s", err, out)
	}
	return nil
}

// installProduct installs cert-manager and the product with Helm, and returns a function that removes the product.
func installProduct(t *testing.T) (remove func()) {
	t.Helper()
	if err := installCertManager(t.Context()); err != nil {
		t.Fatal(err)
	}
	installed := withHelm()
	installed.install(t, "info")
	awaitRollout(t)
	return func() {
		installed.remove(t)
		expectRemoved(t)
	}
}

// withKustomize installs the overlay cert-manager.
func withKustomize(t *testing.T) installation {
	root := t.TempDir()
	if err := os.CopyFS(filepath.Join(root, "manifests"), os.DirFS(suite.Manifest())); err != nil {
		t.Fatal(err)
	}
	deploy := filepath.Join(root, "deploy")
	if err := os.Mkdir(deploy, 0o700); err != nil {
		t.Fatal(err)
	}
	return installation{
		install: func(t *testing.T, logLevel string) {
			text := fmt.Sprintf(`apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../manifests/overlays/cert-manager
images:
  - {name: ippool-webhook, newName: %s, newTag: %s}
patches:
  - target: {kind: Deployment}
    patch: |-
      - op: add
        path: /spec/template/spec/containers/0/args/-
        value: --zap-log-level=%s
`, repository, tag, logLevel)
			if err := os.WriteFile(filepath.Join(deploy, "kustomization.yaml"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			kubectl(t, "apply", "--server-side", "-k", deploy)
		},
		undo: func(t *testing.T) { kubectl(t, "-n", name, "rollout", "undo", "deployment/"+name) },
		remove: func(t *testing.T) {
			kubectl(t, "delete", "validatingwebhookconfiguration,mutatingwebhookconfiguration", name)
			kubectl(t, "delete", "-k", deploy, "--ignore-not-found")
		},
	}
}

// withHelm installs the chart, with further values.
func withHelm(values ...string) installation {
	return installation{
		install: func(t *testing.T, logLevel string) {
			kubectl(t, "apply", "--server-side", "-f", suite.Manifest("base", "namespace.yaml"))
			args := []string{"upgrade", "--install", name, suite.Manifest("chart"), "--namespace", name,
				"--set", "image.repository=" + repository, "--set", "image.tag=" + tag, "--set", "extraArgs={--zap-log-level=" + logLevel + "}"}
			for _, value := range values {
				args = append(args, "--set", value)
			}
			helm(t, args...)
		},
		undo: func(t *testing.T) { helm(t, "rollback", name, "--namespace", name) },
		remove: func(t *testing.T) {
			kubectl(t, "delete", "validatingwebhookconfiguration,mutatingwebhookconfiguration", name)
			helm(t, "uninstall", name, "--namespace", name)
			kubectl(t, "delete", "namespace", name)
		},
	}
}

// helm runs helm, which must succeed.
func helm(t *testing.T, args ...string) {
	t.Helper()
	if out, err := helmWith(t.Context(), args...); err != nil {
		t.Fatalf("helm %s: %v\n%s", args[0], err, out)
	}
}

func helmWith(ctx context.Context, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, suite.Path("test", "tools", "bin", "helm"), args...).CombinedOutput()
	return string(out), err
}

// awaitRollout awaits that the replicas are ready, and that the API server can call them.
func awaitRollout(t *testing.T) {
	t.Helper()
	if out, err := kubectlWith(t.Context(), "", "-n", name, "rollout", "status", "deployment/"+name, "--timeout=2m"); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, kubectl(t, "-n", name, "describe", "pods"))
	}
	// Pods are ready before kube-proxy directs connections to them: it waits up to a second to apply several changes at once.
	await(t.Context(), t, "an answer of the webhook", func(ctx context.Context) error {
		out, err := kubectlWith(ctx, pool("10.0.0.0-24", "10.0.0.0/24"), "create", "--dry-run=server", "-f", "-")
		if err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
		return nil
	})
}

// expectRestricted expects that the namespace enforces Pod Security restricted: the pods run with it.
func expectRestricted(t *testing.T) {
	namespace := &corev1.Namespace{}
	if err := suite.client.Get(t.Context(), client.ObjectKey{Name: name}, namespace); err != nil {
		t.Fatal(err)
	}
	if got := namespace.Labels["pod-security.kubernetes.io/enforce"]; got != "restricted" {
		t.Errorf("Pod Security is %q: must be restricted", got)
	}
}

func expectHealthy(t *testing.T) {
	binary, err := suite.Binary(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), binary, "doctor").CombinedOutput(); err != nil {
		t.Errorf("doctor: %v\n%s", err, out)
	}
}

// pool returns an empty pool of kube-system.
func pool(name, addresses string) string {
	return fmt.Sprintf(`apiVersion: whereabouts.cni.cncf.io/v1alpha1
kind: IPPool
metadata: {name: %s, namespace: kube-system}
spec: {range: %s, allocations: {}}
`, name, addresses)
}

// expectValidated expects that a malformed pool is denied, and that another is normalized.
func expectValidated(t *testing.T) {
	out, err := kubectlWith(t.Context(), pool("malformed", "10.0.0.0/33"), "create", "-f", "-")
	if err == nil || !strings.Contains(out, "(rule range-syntax)") {
		t.Errorf("a malformed pool is answered with %v\n%s", err, out)
	}
	if out, err := kubectlWith(t.Context(), pool("10.0.0.0-24", "10.0.0.7/24"), "create", "-f", "-"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got := kubectl(t, "-n", "kube-system", "get", "ippool", "10.0.0.0-24", "-o", "jsonpath={.spec.range}"); got != "10.0.0.0/24" {
		t.Errorf("range %q is stored: must be 10.0.0.0/24", got)
	}
	kubectl(t, "-n", "kube-system", "delete", "ippool", "10.0.0.0-24")
}

// expectMetrics reads /metrics of one replica as a user does.
func expectMetrics(t *testing.T) {
	forward := exec.CommandContext(t.Context(), "kubectl", "-n", name, "port-forward", "deployment/"+name, ":8080")
	out, err := forward.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := forward.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = forward.Process.Kill()
		_ = forward.Wait()
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(line) // Forwarding from 127.0.0.1:PORT -> 8080
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+fields[2]+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // it is only read
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "ippool_webhook_certificate_expiry_timestamp_seconds") {
		t.Errorf("the metrics have no expiry of the certificate:\n%s", text)
	}
}

func expectArgument(t *testing.T, argument string, want bool) {
	t.Helper()
	args := kubectl(t, "-n", name, "get", "deployment", name, "-o", "jsonpath={.spec.template.spec.containers[0].args}")
	if strings.Contains(args, argument) != want {
		t.Errorf("the arguments are %s: must have %s: %v", args, argument, want)
	}
}

// expectRemoved expects that the namespace ends, and that pools can be written.
func expectRemoved(t *testing.T) {
	await(t.Context(), t, "the end of the namespace", func(ctx context.Context) error {
		err := suite.client.Get(ctx, client.ObjectKey{Name: name}, &corev1.Namespace{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		return errors.Join(errors.New("it exists"), err)
	})
	if out, err := kubectlWith(t.Context(), pool("malformed", "10.0.0.0/33"), "create", "-f", "-"); err != nil {
		t.Errorf("without the product, the API server accepts everything: %v\n%s", err, out)
	}
	kubectl(t, "-n", "kube-system", "delete", "ippool", "malformed")
}
