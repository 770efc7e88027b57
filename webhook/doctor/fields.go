package doctor

import (
	"fmt"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// field is a field of a webhook that must be as shipped.
type field struct {
	name  string
	value func(webhook) string
	// danger says how bad it is that w differs from what is shipped, and why.
	danger func(w, want webhook) (Status, string)
}

// fields returns the fields that are compared, in the order of the report.
func fields() []field {
	return []field{
		{"failurePolicy", func(w webhook) string { return string(valueOr(w.FailurePolicy, admissionv1.Fail)) }, ofFailurePolicy},
		{"timeoutSeconds", func(w webhook) string { return fmt.Sprint(timeout(w)) }, ofTimeout},
		{"clientConfig.service.path", path, ofGuard},
		{"rules", func(w webhook) string { return formatRules(w.Rules) }, ofGuard},
		{"namespaceSelector", func(w webhook) string { return formatSelector(w.NamespaceSelector) }, ofSelector},
		{"objectSelector", func(w webhook) string { return formatSelector(w.ObjectSelector) }, ofSelector},
		{"sideEffects", func(w webhook) string { return string(valueOr(w.SideEffects, "")) }, ofDetail},
		{"matchPolicy", func(w webhook) string { return string(valueOr(w.MatchPolicy, admissionv1.Equivalent)) }, ofDetail},
		{"admissionReviewVersions", func(w webhook) string { return strings.Join(w.AdmissionReviewVersions, ",") }, ofDetail},
		{"reinvocationPolicy", func(w webhook) string { return string(w.reinvocationPolicy) }, ofDetail},
	}
}

func ofFailurePolicy(w, want webhook) (Status, string) {
	switch {
	case w.Name == whereaboutsWebhook:
		return Fail, "in an outage, pods get addresses that no pool records"
	case w.validates() && valueOr(want.FailurePolicy, admissionv1.Fail) == admissionv1.Ignore:
		return Fail, "in an outage, users cannot write pools, although they are in observe mode"
	case w.validates():
		return Fail, "in an outage, users can corrupt pools"
	default:
		return Warn, ""
	}
}

func ofTimeout(w, want webhook) (Status, string) {
	if w.Name == whereaboutsWebhook && timeout(w) > timeout(want) {
		return Fail, "Whereabouts holds a cluster-wide lease while it waits"
	}
	return Warn, ""
}

// ofGuard is for what decides which requests are sent to the webhook, and to which path.
func ofGuard(webhook, webhook) (Status, string) { return Fail, "" }

func ofSelector(w, _ webhook) (Status, string) {
	if w.validates() {
		return Fail, "the pools that it excludes are not validated"
	}
	return Warn, ""
}

func ofDetail(webhook, webhook) (Status, string) { return Warn, "" }

func timeout(w webhook) int32 { return valueOr(w.TimeoutSeconds, 10) }

// path returns the path that a webhook calls. One that calls a URL is a finding of its own.
func path(w webhook) string {
	if w.ClientConfig.Service == nil {
		return ""
	}
	return valueOr(w.ClientConfig.Service.Path, "/")
}

// formatRules is the same for rules that differ in nothing but the order of their lists.
func formatRules(rules []admissionv1.RuleWithOperations) string {
	texts := make([]string, len(rules))
	for i, r := range rules {
		operations := slices.Sorted(slices.Values(r.Operations))
		texts[i] = fmt.Sprintf("%v %s/%s/%s scope %s", operations, sortedList(r.APIGroups), sortedList(r.APIVersions),
			sortedList(r.Resources), valueOr(r.Scope, admissionv1.AllScopes))
	}
	return sortedList(texts)
}

func sortedList(list []string) string { return strings.Join(slices.Sorted(slices.Values(list)), ",") }

func formatSelector(selector *metav1.LabelSelector) string {
	if selector == nil || len(selector.MatchLabels)+len(selector.MatchExpressions) == 0 {
		return "{}"
	}
	return metav1.FormatLabelSelector(selector)
}
