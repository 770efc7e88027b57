package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/webhook/ippool"
)

// The rule that the dry run breaks, and how every message of it ends, and of any rule.
const (
	brokenRule   = "range-syntax"
	brokenByRule = "(rule " + brokenRule + ")"
	brokenByAny  = "(rule "
)

// answer is what the API server said to the dry run.
type answer struct {
	err      error
	warnings []string
}

// tryMalformedPool makes, as a dry run, a pool that the webhook has to deny. It breaks more rules than one, so that a policy
// which has turned one off does not look like a webhook that nobody reached.
func tryMalformedPool(ctx context.Context, c client.Writer, t *target) answer {
	namespace := metav1.NamespaceDefault
	if t != nil {
		namespace = t.namespace
	}
	pool := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": ippool.Group + "/" + ippool.Version, "kind": ippool.Kind,
		"metadata": map[string]any{"name": "ippool-webhook-doctor", "namespace": namespace},
		"spec": map[string]any{
			"range":       "malformed on purpose",
			"allocations": map[string]any{"malformed": map[string]any{"id": "ippool-webhook-doctor", "podref": "malformed"}},
		},
	}}
	var a answer
	a.err = c.Create(context.WithValue(ctx, warningsOfContext{}, &a.warnings), pool, client.DryRunAll)
	return a
}

// warningsOfContext records the warnings of an answer in the context of its request.
type warningsOfContext struct{}

// HandleWarningHeaderWithContext implements rest.WarningHandlerWithContext.
func (warningsOfContext) HandleWarningHeaderWithContext(ctx context.Context, _ int, _, text string) {
	if warnings, ok := ctx.Value(warningsOfContext{}).(*[]string); ok {
		*warnings = append(*warnings, text)
	}
}

// checkAdmission checks that a request really reaches the server and is validated there.
func checkAdmission(c *cluster) verdict {
	v := verdict{passed: "a malformed pool was denied, as a dry run, by the rule " + brokenRule}
	switch err := c.dryRun.err; {
	case err == nil:
		return c.accepted(c.dryRun.warnings)
	case apierrors.IsInvalid(err) && strings.Contains(err.Error(), brokenByRule):
	case strings.Contains(err.Error(), brokenByAny):
		v.warn("the server was reached, but it did not deny by the rule "+brokenRule+" with 422: "+err.Error(), denyAgain)
	case strings.Contains(err.Error(), "failed calling webhook"):
		v.fail(err.Error(), openNetwork)
	case meta.IsNoMatchError(err):
		return notChecked(Fail, "there is no kind "+ippool.Kind, "crd")
	case apierrors.IsForbidden(err) && !deniedByWebhook(err):
		v.warn("not checked: forbidden to create ippools, even as a dry run", grant(access{"create", ippool.Group, ippool.Resource, c.namespace()}))
	case apierrors.IsNotFound(err):
		v.fail("not checked: "+err.Error(), createNamespace(c.namespace()))
	case deniedByWebhook(err):
		v.warn("another webhook denied the dry run first: "+err.Error(), passDryRun)
	default:
		v.fail("the dry run failed: "+err.Error(), seeAPIServer)
	}
	return v
}

// accepted is the verdict for a dry run that was allowed. Only the warnings show whether it was validated.
func (c *cluster) accepted(warnings []string) verdict {
	var v verdict
	said := strings.Join(warnings, "\n")
	switch {
	case c.skips(c.user):
		v.warn(fmt.Sprintf("this proves nothing: requests of %s are treated as those of Whereabouts", c.user), runAsAnother)
	case strings.Contains(said, brokenByRule) && c.observesUsers():
		v.warn("the server was reached, in observe mode: a malformed pool was only warned of", see("validating-webhook"))
	case strings.Contains(said, brokenByRule):
		v.warn("the server was reached, but its policy only warns of the rule "+brokenRule, denyAgain)
	case strings.Contains(said, brokenByAny):
		v.warn("the server was reached, but its policy has turned the rule "+brokenRule+" off", denyAgain)
	default:
		v.fail("a malformed pool was allowed, as a dry run: pools are not validated", seeGuard)
	}
	return v
}

// skips reports whether requests of a user are not sent to the webhook for users.
func (c *cluster) skips(user string) bool {
	users := find(c.validating.webhooks, usersWebhook)
	if users == nil || user == "" {
		return false
	}
	isUser, err := matches(users.MatchConditions, user)
	return err == nil && !isUser
}

func (c *cluster) observesUsers() bool {
	users := find(c.validating.webhooks, usersWebhook)
	return users != nil && users.mode() == "Observe"
}

func (c *cluster) namespace() string {
	if c.service == nil {
		return metav1.NamespaceDefault
	}
	return c.service.namespace
}

// deniedByWebhook reports whether an admission webhook, and not RBAC, has denied the request.
func deniedByWebhook(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && strings.Contains(status.Status().Message, "admission webhook ")
}
