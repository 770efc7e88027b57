package environment

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/util/retry"
)

// Schema is one of the schemas of IPPools that a CRD can have.
type Schema int

// The schemas.
const (
	// Installed is the schema of the CRD that was installed.
	Installed Schema = iota
	// Keeping is the same schema with unknown fields preserved at every level.
	Keeping
	// Lax accepts every object, with fields of every name and type.
	Lax
	// Newer has further fields: those of the other lineages of Whereabouts (spec.enable_l3, status and ipamclaimref), and two
	// that no lineage has, spec.gateway and spec.allocations.*.owner.
	Newer
)

// SetSchema changes the schema of the CRD, and returns once the API server uses it. Between two other schemas, set Installed.
func (e *Environment) SetSchema(ctx context.Context, s Schema) error {
	client, err := dynamic.NewForConfig(e.Admin())
	if err != nil {
		return err
	}
	crds := client.Resource(schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"})
	err = retry.RetryOnConflict(retry.DefaultRetry, func() error { // the API server writes conditions meanwhile
		crd, err := crds.Get(ctx, poolResource+"."+poolGroup, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if err := e.changeSchema(crd, s); err != nil {
			return err
		}
		_, err = crds.Update(ctx, crd, metav1.UpdateOptions{})
		return err
	})
	if err != nil {
		return err
	}
	return e.awaitFields(ctx, map[string]bool{"probe": s == Keeping || s == Lax, "gateway": s != Installed})
}

// changeSchema sets the schema of a CRD. The first schema that it finds is the installed one.
func (e *Environment) changeSchema(crd *unstructured.Unstructured, s Schema) error {
	versions, _, err := unstructured.NestedSlice(crd.Object, "spec", "versions")
	if err != nil {
		return err
	}
	version, _ := versions[0].(map[string]any)
	if e.installed == nil {
		if e.installed, _, err = unstructured.NestedMap(version, "schema", "openAPIV3Schema"); err != nil {
			return err
		}
	}
	if err := unstructured.SetNestedMap(version, s.of(e.installed), "schema", "openAPIV3Schema"); err != nil {
		return err
	}
	return unstructured.SetNestedSlice(crd.Object, versions, "spec", "versions")
}

// of returns the schema that s derives from the installed one.
func (s Schema) of(installed map[string]any) map[string]any {
	const keep = "x-kubernetes-preserve-unknown-fields"
	if s == Lax {
		return map[string]any{"type": "object", keep: true}
	}
	root := runtime.DeepCopyJSON(installed)
	at := func(parent map[string]any, names ...string) map[string]any {
		for _, name := range names {
			parent, _ = parent[name].(map[string]any)
		}
		return parent
	}
	spec := at(root, "properties", "spec")
	allocation := at(spec, "properties", "allocations", "additionalProperties")
	switch s {
	case Keeping:
		root[keep], spec[keep], allocation[keep] = true, true, true
	case Newer:
		at(root, "properties")["status"] = map[string]any{"type": "object", keep: true}
		at(spec, "properties")["enable_l3"] = map[string]any{"type": "boolean"}
		at(spec, "properties")["gateway"] = map[string]any{"type": "string"}
		at(allocation, "properties")["ipamclaimref"] = map[string]any{"type": "string"}
		at(allocation, "properties")["owner"] = map[string]any{"type": "string"}
	}
	return root
}
