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
	return buildFrom(t, map[string]string{
		"kustomization.yaml": "resources: [../manifests/overlays/cert-manager]\ncomponents: [../manifests/components/" + component + "]\n",
	})
}

// buildFrom returns the objects of a kustomization in a folder beside the manifests, with these files.
func buildFrom(t *testing.T, files map[string]string) objects {
	t.Helper()
	dir := t.TempDir()
	own := filepath.Join(dir, "deploy")
	if err := errors.Join(os.CopyFS(filepath.Join(dir, "manifests"), os.DirFS(suite.Manifest())), os.Mkdir(own, 0o700)); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		writeFile(t, filepath.Join(own, name), text)
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
