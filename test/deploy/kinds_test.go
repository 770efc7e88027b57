package deploy

import (
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
)

// kinds returns every kind of object that the API server can list.
func kinds(t *testing.T) []schema.GroupVersionKind {
	t.Helper()
	client, err := discovery.NewDiscoveryClientForConfig(suite.Admin())
	if err != nil {
		t.Fatal(err)
	}
	lists, err := client.ServerPreferredResources()
	if err != nil {
		t.Fatal(err)
	}
	var all []schema.GroupVersionKind
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			t.Fatal(err)
		}
		for _, resource := range list.APIResources {
			if slices.Contains(resource.Verbs, "list") {
				all = append(all, version.WithKind(resource.Kind))
			}
		}
	}
	return all
}
