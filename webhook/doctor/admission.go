package doctor

import (
	"errors"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"

	"ippool-webhook/webhook/ippool"
)

const (
	// brokenRule is the rule that the pool of the dry run breaks, unless a policy of the CEL baseline denies the pool.
	brokenRule = "range-syntax"
	// byAnyRule is a part of the findings of all rules.
	byAnyRule = "(rule "
)

// checkAdmission checks that the API server sends requests to the webhook and that the webhook validates them.
func checkAdmission(c *cluster) verdict {
	rule := c.dryRun.rule
	v := verdict{passed: "the webhook denied a malformed pool in namespace " + c.dryRun.namespace + " (dry run, rule " + rule + ")"}
	switch err := c.dryRun.err; {
	case err == nil:
		return c.accepted(c.dryRun.warnings)
	case apierrors.IsInvalid(err) && strings.Contains(err.Error(), c.dryRun.finding()):
	case strings.Contains(err.Error(), byAnyRule):
		v.warn("the webhook was called, but it did not deny the dry run with code 422 and rule "+rule+": "+err.Error(), denyAgain(rule))
	case strings.Contains(err.Error(), failedCall):
		v.fail(err.Error(), openNetwork)
	case meta.IsNoMatchError(err):
		return notChecked(Fail, "the API server has no kind "+ippool.Kind, "crd")
	case apierrors.IsForbidden(err) && !deniedByWebhook(err):
		v.warn("not checked: forbidden to create "+ippool.Resource+", also as a dry run", grant(access{"create", ippool.Group, ippool.Resource, c.dryRun.namespace}))
	case deniedByWebhook(err):
		v.warn("another webhook denied the dry run first: "+err.Error(), passDryRun)
	default:
		v.fail("the dry run failed: "+err.Error(), seeAPIServer)
	}
	return v
}

// finding returns the end of each finding of the rule that the pool breaks.
func (d dryRun) finding() string { return byAnyRule + d.rule + ")" }

// accepted returns the verdict for a malformed pool that the API server accepted. The warnings show whether the webhook was called.
func (c *cluster) accepted(warnings []string) verdict {
	var v verdict
	text := strings.Join(ofWebhooks(warnings), "\n")
	switch {
	case c.skips(c.user):
		v.warn("the dry run does not show whether pools are validated: the match conditions recognize "+c.user+" as Whereabouts", runAsAnother)
	case strings.Contains(text, c.dryRun.finding()) && c.observesUsers():
		v.warn("the webhook was called, but users are in observe mode: it only warned about a malformed pool", see("validating-webhook"))
	case strings.Contains(text, c.dryRun.finding()):
		v.warn("the webhook was called, but its Policy only warns about findings of rule "+c.dryRun.rule, denyAgain(c.dryRun.rule))
	case strings.Contains(text, byAnyRule):
		v.warn("the webhook was called, but its Policy turns off rule "+c.dryRun.rule, denyAgain(c.dryRun.rule))
	default:
		v.fail("the API server accepted a malformed pool in namespace "+c.dryRun.namespace+" (dry run): pools are not validated", seeValidating)
	}
	return v
}

// ofWebhooks returns the warnings that do not come from a policy of the CEL baseline, which has the rules of the webhook too.
func ofWebhooks(warnings []string) []string {
	return slices.DeleteFunc(slices.Clone(warnings), func(text string) bool { return strings.Contains(text, baselinePolicy) })
}

// skips reports whether the webhook for users is not called for the requests of a user.
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

// deniedByWebhook reports whether an admission webhook, and not RBAC, denied the request.
func deniedByWebhook(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && strings.Contains(status.Status().Message, "admission webhook ")
}
