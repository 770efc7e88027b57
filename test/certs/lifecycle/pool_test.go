package lifecycle

import (
	"context"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"

	"ippool-webhook/test/environment"
)

// pool returns an IPPool with this spec.
func pool(spec map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": environment.PoolResource().GroupVersion().String(), "kind": "IPPool",
		"metadata": map[string]any{"name": "10.0.0.0-24"}, "spec": spec,
	}}
}

// create creates an IPPool in the default namespace, as a dry run.
func (i *installation) create(ctx context.Context, spec map[string]any) error {
	client, err := dynamic.NewForConfig(i.Admin())
	if err != nil {
		return err
	}
	_, err = client.Resource(environment.PoolResource()).Namespace(metav1.NamespaceDefault).
		Create(ctx, pool(spec), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	return err
}

// checkDenied returns an error unless a request was denied by a rule.
func checkDenied(err error, rule string) error {
	if err == nil {
		return fmt.Errorf("allowed, want a denial with 422 (rule %s)", rule)
	}
	if !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), "(rule "+rule+")") {
		return fmt.Errorf("%w, want a denial with 422 (rule %s)", err, rule)
	}
	return nil
}

// awaitWebhooks awaits that the webhooks deny one pool and normalize another.
func (i *installation) awaitWebhooks(ctx context.Context) error {
	return environment.Await(ctx, "the webhooks", func(ctx context.Context) error {
		if err := checkDenied(i.create(ctx, hostBits()), "range-host-bits"); err != nil {
			return err
		}
		return i.create(ctx, map[string]any{"range": "10.0.0.0/24"})
	})
}

// hostBits returns a spec that the webhook denies. Without its allocation, the webhook would normalize it.
func hostBits() map[string]any {
	return map[string]any{"range": "10.0.0.1/24", "allocations": map[string]any{"5": map[string]any{"id": "x", "podref": "default/x"}}}
}
