package operations

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"

	"ippool-webhook/test/whereabouts/cluster"
)

// TestServiceAccount checks that all workloads of Whereabouts use one service account. The webhook configurations identify
// Whereabouts by it. The reconciler is a Deployment; up to v0.9.2, it was a part of the DaemonSet.
func TestServiceAccount(t *testing.T) {
	got := map[string]string{}
	for _, object := range manifests(t) {
		account, found, err := unstructured.NestedString(object.Object, "spec", "template", "spec", "serviceAccountName")
		if err != nil {
			t.Fatal(err)
		}
		if found {
			got[object.GetKind()+" "+object.GetName()] = "system:serviceaccount:" + object.GetNamespace() + ":" + account
		}
	}
	want := map[string]string{
		"DaemonSet whereabouts":             cluster.Username,
		"Deployment whereabouts-controller": cluster.Username, // of node slices
	}
	if os.Getenv("WHEREABOUTS_VERSION") != "v0.9.2" {
		want["Deployment whereabouts-reconciler"] = cluster.Username
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("users of the workloads (-want +got):\n%s", diff)
	}
}

// TestDefinition compares the CRD in manifests/crd with the CRD of Whereabouts. They may differ in descriptions and
// annotations.
func TestDefinition(t *testing.T) {
	const name = "ippools.whereabouts.cni.cncf.io"
	text, err := os.ReadFile(suite.Path("manifests", "crd", "whereabouts.cni.cncf.io_ippools.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var copied map[string]any
	if err := yaml.Unmarshal(text, &copied); err != nil {
		t.Fatal(err)
	}
	for _, object := range manifests(t) {
		if object.GetKind() != "CustomResourceDefinition" || object.GetName() != name {
			continue
		}
		object.SetAnnotations(nil)
		if diff := cmp.Diff(withoutDescriptions(object.Object), withoutDescriptions(copied)); diff != "" {
			t.Errorf("CRD (-Whereabouts +copy):\n%s", diff)
		}
		return
	}
	t.Errorf("Whereabouts has no CRD %s", name)
}

// withoutDescriptions returns a value without the descriptions of its schema. A description is a string; a field with the name
// description is an object.
func withoutDescriptions(value any) any {
	switch v := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for key, item := range v {
			if _, isText := item.(string); key != "description" || !isText {
				kept[key] = withoutDescriptions(item)
			}
		}
		return kept
	case []any:
		var kept []any
		for _, item := range v {
			kept = append(kept, withoutDescriptions(item))
		}
		return kept
	default:
		return value
	}
}

// manifests returns the objects in the manifests of Whereabouts.
func manifests(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	objects, err := cluster.Manifests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return objects
}
