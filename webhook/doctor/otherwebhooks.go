package doctor

import (
	"context"
	"slices"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/webhook/ippool"
)

// otherWebhook is a webhook of another product that is called for pools.
type otherWebhook struct {
	configuration string // kind and name
	webhook
}

// readOthers reads the webhooks for pools in all configurations, except those with a name.
func readOthers(ctx context.Context, c client.Reader, name string) read[[]otherWebhook] {
	of := func(resource string) access { return access{group: admissionv1.GroupName, resource: resource} }
	validating := list(ctx, c, &admissionv1.ValidatingWebhookConfigurationList{}, of("validatingwebhookconfigurations"))
	if validating.err != nil {
		return read[[]otherWebhook]{nil, validating.access, validating.err}
	}
	mutating := list(ctx, c, &admissionv1.MutatingWebhookConfigurationList{}, of("mutatingwebhookconfigurations"))
	var others []otherWebhook
	add := func(kind, of string, webhooks []webhook) {
		for _, w := range webhooks {
			if of != name && w.matchesPools() {
				others = append(others, otherWebhook{kind + " " + of, w})
			}
		}
	}
	for _, configuration := range validating.value.Items {
		add("ValidatingWebhookConfiguration", configuration.Name, validatingWebhooks(configuration))
	}
	for _, configuration := range mutating.value.Items {
		add("MutatingWebhookConfiguration", configuration.Name, mutatingWebhooks(configuration))
	}
	return read[[]otherWebhook]{others, mutating.access, mutating.err}
}

// matchesPools reports whether a rule selects requests for IPPools.
func (w webhook) matchesPools() bool {
	return slices.ContainsFunc(w.Rules, func(r admissionv1.RuleWithOperations) bool {
		return hasAny(r.APIGroups, "*", ippool.Group) && hasAny(r.APIVersions, "*", ippool.Version) &&
			hasAny(r.Resources, "*", "*/*", ippool.Resource, ippool.Resource+"/*") && valueOr(r.Scope, admissionv1.AllScopes) != admissionv1.ClusterScope
	})
}

func hasAny(list []string, values ...string) bool {
	return slices.ContainsFunc(list, func(value string) bool { return slices.Contains(values, value) })
}

// checkOthers warns of webhooks of other products that the API server calls for pools.
func checkOthers(c *cluster) verdict {
	if c.others.err != nil {
		return verdict{problems: []problem{c.others.problem()}}
	}
	v := verdict{passed: "no other webhook is called for pools"}
	for _, other := range c.others.value {
		policy := valueOr(other.FailurePolicy, admissionv1.Fail)
		message := "webhook " + other.Name + " of the " + other.configuration + " is called for pools too (failurePolicy " + string(policy) + ")"
		if !other.calledForWhereabouts() {
			v.warn(message+", but not for requests of Whereabouts", compareOther)
			continue
		}
		message += ", also for requests of Whereabouts: each pod start waits for it"
		if policy == admissionv1.Fail {
			message += ", and if it does not answer, pods get addresses that no pool records"
		}
		v.warn(message, excludeFromOther(other))
	}
	return v
}

// calledForWhereabouts reports whether the match conditions select the requests of the default service account of Whereabouts. It is
// true for conditions that doctor cannot evaluate.
func (w webhook) calledForWhereabouts() bool {
	called, err := matches(w.MatchConditions, "system:serviceaccount:kube-system:whereabouts")
	return err != nil || called
}
