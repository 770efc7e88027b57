package environment

import (
	"context"
	"encoding/json"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
)

// KeepUnknownFields makes the API server keep fields outside of the CRD's schema at every level, or, as the CRD says, drop
// them. It returns once the API server does.
func (e *Environment) KeepUnknownFields(ctx context.Context, keep bool) error {
	client, err := dynamic.NewForConfig(e.Admin())
	if err != nil {
		return err
	}
	const root = "/spec/versions/0/schema/openAPIV3Schema"
	var patch []map[string]any
	for _, level := range []string{root, root + "/properties/spec", root + "/properties/spec/properties/allocations/additionalProperties"} {
		operation := map[string]any{"op": "remove", "path": level + "/x-kubernetes-preserve-unknown-fields"}
		if keep {
			operation["op"], operation["value"] = "add", true
		}
		patch = append(patch, operation)
	}
	text, err := json.Marshal(patch)
	if err != nil {
		return err
	}
	crds := schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	_, err = client.Resource(crds).Patch(ctx, poolResource+"."+poolGroup, types.JSONPatchType, text, metav1.PatchOptions{})
	if err != nil {
		return err
	}
	return e.awaitUnknownFields(ctx, keep)
}
