package deploy

import (
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// TestTakeover runs the commands of docs/install.md with which Helm takes over the objects of a kustomization.
func TestTakeover(t *testing.T) {
	suite.rows.Run(t, "certificates from cert-manager", func(t *testing.T) { takeOver(t, "cert-manager") })
	suite.rows.Run(t, "self-managed certificates", func(t *testing.T) { takeOver(t, "self-managed") })
}

// takeOver installs an overlay with kubectl, then hands it over to Helm, upgrades it and uninstalls it.
func takeOver(t *testing.T, source string) {
	t.Helper()
	d := newInstallDocument(t)
	kustomization := strings.ReplaceAll(d.blocks("With kustomize", "yaml")[0], "overlays/cert-manager", "overlays/"+source)
	writeFile(t, filepath.Join(d.dir, "deploy", "kustomization.yaml"), kustomization)
	d.run(t, d.blocks("With kustomize", "sh")[0])
	injectAuthority(t)
	fillServingSecret(t, source)

	blocks := d.blocks("From kustomize to Helm", "sh")
	command, _, _ := strings.Cut(strings.TrimSpace(blocks[0]), "\nkubectl") // no controller starts pods
	command += " --set certificates.source=" + source
	expectFailure(t, d, strings.ReplaceAll(command, " --take-ownership", ""), "cannot be imported into the current release")
	expectFailure(t, d, strings.ReplaceAll(command, " --force-conflicts", ""), `conflict with "kubectl"`)
	d.run(t, command)
	d.run(t, blocks[1])

	const image = "image: {repository: registry.example/ippool-webhook, tag: v0.1.0}"
	text := image + "\ncertificates: {source: " + source + "}\n"
	expectInstalled(t, render(t, text))
	expectAuthority(t)
	expectServingSecret(t)
	expectNoOwner(t, "kubectl")
	expectRestricted(t)

	later := text + "replicas: 3\nwebhooks: {users: {mode: Observe}, whereabouts: {mode: Observe}}\n"
	upgrade(t, later) // without the flags of the first command
	expectInstalled(t, render(t, later))
	upgrade(t, text)
	expectInstalled(t, render(t, text)) // without the webhook for Whereabouts

	expectOrderlyUninstall(t)
	expectNothingLeft(t)
	if source == "cert-manager" { // its Secret belongs to neither
		expectServingSecret(t)
		secret := servingSecret(t)
		if err := suite.admin.Delete(t.Context(), &secret); err != nil {
			t.Error(err)
		}
	}
}

// fillServingSecret writes a certificate to the Secret, as cert-manager or the replicas do.
func fillServingSecret(t *testing.T, source string) {
	t.Helper()
	if source == "cert-manager" {
		issue(t)
		return
	}
	secret := servingSecret(t)
	secret.Data = map[string][]byte{"tls.crt": []byte("certificate"), "tls.key": []byte("key")}
	if err := suite.admin.Update(t.Context(), &secret, client.FieldOwner("ippool-webhook")); err != nil {
		t.Fatal(err)
	}
}

func expectServingSecret(t *testing.T) {
	t.Helper()
	expect(t, "certificate in the Secret", "certificate", string(servingSecret(t).Data["tls.crt"]))
}

// expectFailure expects that a command fails, and that its output contains a text.
func expectFailure(t *testing.T, d installDocument, command, want string) {
	t.Helper()
	out := d.run(t, "! { "+command+"; }")
	if !strings.Contains(out, want) {
		t.Errorf("output of %s:\n%s\nwant %q in it", command, out, want)
	}
}

// expectNoOwner expects that a field manager owns no field of the release.
func expectNoOwner(t *testing.T, manager string) {
	t.Helper()
	for key, object := range ofRelease(t) {
		for _, fields := range object.GetManagedFields() {
			if fields.Manager == manager {
				t.Errorf("%s still owns fields of %s: %s", manager, key, fields.FieldsV1)
			}
		}
	}
}

// expectRestricted expects that the namespace still has its labels.
func expectRestricted(t *testing.T) {
	t.Helper()
	var namespace corev1.Namespace
	if err := suite.admin.Get(t.Context(), client.ObjectKey{Name: name}, &namespace); err != nil {
		t.Fatal(err)
	}
	expect(t, "level of Pod Security", "restricted", namespace.Labels["pod-security.kubernetes.io/enforce"])
}

// expectNothingLeft expects that no object of the kustomization and of the release is left, except the namespace.
func expectNothingLeft(t *testing.T) {
	t.Helper()
	expectInstalled(t, objects{})
	for _, kind := range kinds(t) {
		for _, object := range list(t, kind, client.MatchingLabels{"app.kubernetes.io/name": name}) {
			if object.GetKind() != "Namespace" {
				t.Errorf("%s %s is still there", object.GetKind(), object.GetName())
			}
		}
	}
}
