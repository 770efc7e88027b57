package environment

import (
	"context"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// PoolResource is the resource of IPPools for a dynamic client.
func PoolResource() schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: poolGroup, Version: "v1alpha1", Resource: poolResource}
}

// The API server uses changed webhook configurations and CRDs after some time. Its answers to dry runs show which version it
// uses.

// awaitRejection awaits that a pool is rejected because the webhook does not answer.
func (e *Environment) awaitRejection(ctx context.Context) error {
	return Await(ctx, "the validating webhook configuration", func(ctx context.Context) error {
		switch _, err := e.probe(ctx, map[string]any{"range": "10.0.0.0/24", "allocations": map[string]any{}}); {
		case err == nil:
			return errors.New("a pool was not rejected")
		case !Unanswered(err):
			return err
		}
		return nil
	})
}

// awaitNormalization awaits that a pool gets the allocations that the schema requires, and is not rejected.
func (e *Environment) awaitNormalization(ctx context.Context) error {
	return Await(ctx, "the webhooks", func(ctx context.Context) error {
		_, err := e.probe(ctx, map[string]any{"range": "10.0.0.0/24"})
		return err
	})
}

// awaitFields awaits that the API server keeps the fields of spec, or drops them, and has read its pools again.
func (e *Environment) awaitFields(ctx context.Context, kept map[string]bool) error {
	return Await(ctx, fmt.Sprintf("fields kept: %v", kept), func(ctx context.Context) error {
		spec := map[string]any{"range": "10.0.0.0/24", "allocations": map[string]any{}}
		for name := range kept {
			spec[name] = "probe"
		}
		pool, err := e.probe(ctx, spec)
		if err != nil {
			return err
		}
		for name, want := range kept {
			if _, found, _ := unstructured.NestedString(pool.Object, "spec", name); found != want {
				return fmt.Errorf("spec.%s is there: %t", name, found)
			}
		}
		return e.listPools(ctx)
	})
}

// listPools returns an error if the API server has not read its pools yet.
func (e *Environment) listPools(ctx context.Context) error {
	client, err := dynamic.NewForConfig(e.Admin())
	if err != nil {
		return err
	}
	_, err = client.Resource(PoolResource()).List(ctx, metav1.ListOptions{})
	return err
}

// probe creates a pool as a dry run.
func (e *Environment) probe(ctx context.Context, spec map[string]any) (*unstructured.Unstructured, error) {
	config := e.Admin()
	config.WarningHandler = rest.NoWarnings{} // the result counts
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	pool := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": PoolResource().GroupVersion().String(), "kind": "IPPool",
		"metadata": map[string]any{"name": "10.0.0.0-24"}, "spec": spec,
	}}
	return client.Resource(PoolResource()).Namespace(metav1.NamespaceDefault).
		Create(ctx, pool, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}, FieldValidation: metav1.FieldValidationIgnore})
}

// Unanswered reports whether the API server rejected a request because a webhook did not answer.
func Unanswered(err error) bool {
	return apierrors.IsInternalError(err) && strings.Contains(err.Error(), "failed calling webhook")
}
