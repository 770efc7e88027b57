package doctor

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/webhook/ippool"
)

// dryRun is the response of the API server to the dry run.
type dryRun struct {
	err      error
	warnings []string
}

// dryRunPool is the name of the pool of the dry run.
const dryRunPool = "ippool-webhook-doctor"

// createMalformedPool creates, as a dry run, a pool that the webhook must deny. The pool breaks several rules: if the Policy turns one
// rule off, the findings of the other rules still show that the webhook was called.
func createMalformedPool(ctx context.Context, c client.Writer, t *target) dryRun {
	namespace := metav1.NamespaceDefault
	if t != nil {
		namespace = t.namespace
	}
	pool := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": ippool.Group + "/" + ippool.Version, "kind": ippool.Kind,
		"metadata": map[string]any{"name": dryRunPool, "namespace": namespace},
		"spec": map[string]any{
			"range":       "malformed on purpose",
			"allocations": map[string]any{"malformed": map[string]any{"id": dryRunPool, "podref": "malformed"}},
		},
	}}
	var d dryRun
	d.err = c.Create(context.WithValue(ctx, warningsOfContext{}, &d.warnings), pool, client.DryRunAll)
	return d
}

// warningsOfContext adds the warnings of the API server to a slice in the context of the request. It is also the key of the slice.
type warningsOfContext struct{}

// HandleWarningHeaderWithContext implements rest.WarningHandlerWithContext.
func (warningsOfContext) HandleWarningHeaderWithContext(ctx context.Context, _ int, _, text string) {
	if warnings, ok := ctx.Value(warningsOfContext{}).(*[]string); ok {
		*warnings = append(*warnings, text)
	}
}
