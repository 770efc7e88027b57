package deploy

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// build returns the objects that `kubectl apply -k` builds from an overlay.
func build(t *testing.T, overlay string) objects {
	t.Helper()
	return kustomize(t, suite.Manifest("overlays", overlay))
}

// buildWith returns the objects of the overlay cert-manager with a component.
func buildWith(t *testing.T, component string) objects {
	t.Helper()
	return buildOwn(t, "resources: [../manifests/overlays/cert-manager]\ncomponents: [../manifests/components/"+component+"]\n")
}

// buildOwn returns the objects of a kustomization of a user, in a folder beside the manifests.
func buildOwn(t *testing.T, text string) objects {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "manifests"), os.DirFS(suite.Manifest())); err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(dir, "deploy")
	if err := errors.Join(os.Mkdir(own, 0o700), os.WriteFile(filepath.Join(own, "kustomization.yaml"), []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
	return kustomize(t, own)
}

func kustomize(t *testing.T, dir string) objects {
	t.Helper()
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := built.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, text)
}
