package doctor

import (
	"context"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/webhook/ippool"
)

// dryRun is the response of the API server to the dry run.
type dryRun struct {
	namespace string
	rule      string // that the pool breaks
	err       error
	warnings  []string
}

// dryRunPool is the name of the pool of the dry run.
const dryRunPool = "ippool-webhook-doctor"

// createMalformedPool creates, as a dry run, a pool that the webhook must deny. If a policy of the CEL baseline denies it, before the
// webhook is called, it creates another one, with a finding that CEL does not have.
//
// The pool is in a namespace that has pools. A namespaceSelector, which the admissions enforcer of AKS adds for example, can exclude
// that namespace and select others.
func createMalformedPool(ctx context.Context, c client.Writer, namespace string) dryRun {
	// The pool breaks several rules: if the Policy turns one rule off, the findings of the others still show that the webhook was called.
	d := create(ctx, c, namespace, brokenRule, map[string]any{
		"range":       "malformed on purpose",
		"allocations": map[string]any{"malformed": map[string]any{"id": dryRunPool, "podref": "malformed"}},
	})
	if d.err == nil || !strings.Contains(d.err.Error(), baselinePolicy) {
		return d
	}
	return create(ctx, c, namespace, "offset-out-of-range", map[string]any{
		"range":       "::/64",
		"allocations": map[string]any{mappedOffset: map[string]any{"id": dryRunPool, "podref": "default/" + dryRunPool, "ifname": "net1"}},
	})
}

const (
	// baselinePolicy is in the denials of the CEL baseline.
	baselinePolicy = "ValidatingAdmissionPolicy 'ippool-webhook-baseline-"
	// mappedOffset is the offset of the IPv4-mapped address ::ffff:0:0 in ::/64.
	mappedOffset = "281470681743360"
)

// settleTime is the maximum time until a Service directs connections to pods that have just become ready. Until then, it rejects them.
// kube-proxy applies changes together, after a second at most (minSyncPeriod in its configuration).
const settleTime = 3 * time.Second

// create creates a pool that breaks a rule, as a dry run. If the Service rejects the connection, it tries again for settleTime.
func create(ctx context.Context, c client.Writer, namespace, rule string, spec map[string]any) (d dryRun) {
	// Its error says only that the time is over: d has the last answer.
	_ = wait.PollUntilContextTimeout(ctx, settleTime/10, settleTime, true, func(context.Context) (bool, error) {
		d = createOnce(ctx, c, namespace, rule, spec)
		return !d.rejected(), nil
	})
	return d
}

// rejected reports whether the API server could not connect to the webhook, because the Service rejected the connection.
func (d dryRun) rejected() bool {
	return d.err != nil && strings.Contains(d.err.Error(), failedCall) && strings.Contains(d.err.Error(), "connection refused")
}

// failedCall is in the error of the API server after a webhook call without an answer.
const failedCall = "failed calling webhook"

func createOnce(ctx context.Context, c client.Writer, namespace, rule string, spec map[string]any) dryRun {
	pool := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": ippool.Group + "/" + ippool.Version, "kind": ippool.Kind,
		"metadata": map[string]any{"name": dryRunPool, "namespace": namespace},
		"spec":     spec,
	}}
	d := dryRun{namespace: namespace, rule: rule}
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
