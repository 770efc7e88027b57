package doctor

import (
	"fmt"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// field is a field of a webhook that must have the shipped value.
type field struct {
	name  string
	value func(webhook) string
	// severity returns the status of a webhook whose value differs from the shipped value, and the reason.
	severity func(w, want webhook) (Status, string)
}

// fields returns the fields to compare, in the order of the report.
func fields() []field {
	return []field{
		{"failurePolicy", func(w webhook) string { return string(valueOr(w.FailurePolicy, admissionv1.Fail)) }, failurePolicySeverity},
		{"timeoutSeconds", func(w webhook) string { return fmt.Sprint(timeout(w)) }, timeoutSeverity},
		{"clientConfig.service.path", path, routeSeverity},
		{"rules", func(w webhook) string { return formatRules(w.Rules) }, routeSeverity},
		{"namespaceSelector", func(w webhook) string { return formatSelector(w.NamespaceSelector) }, selectorSeverity},
		{"objectSelector", func(w webhook) string { return formatSelector(w.ObjectSelector) }, selectorSeverity},
		{"sideEffects", func(w webhook) string { return string(valueOr(w.SideEffects, "")) }, detailSeverity},
		{"matchPolicy", func(w webhook) string { return string(valueOr(w.MatchPolicy, admissionv1.Equivalent)) }, detailSeverity},
		{"admissionReviewVersions", func(w webhook) string { return strings.Join(w.AdmissionReviewVersions, ",") }, detailSeverity},
		{"reinvocationPolicy", func(w webhook) string { return string(w.reinvocationPolicy) }, detailSeverity},
	}
}

func failurePolicySeverity(w, want webhook) (Status, string) {
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

func timeoutSeverity(w, want webhook) (Status, string) {
	if w.Name == whereaboutsWebhook && timeout(w) > timeout(want) {
		return Fail, "Whereabouts holds a cluster-wide lease while it waits"
	}
	return Warn, ""
}

// routeSeverity is for fields that select the requests for the webhook, or its path.
func routeSeverity(webhook, webhook) (Status, string) { return Fail, "" }

func selectorSeverity(w, _ webhook) (Status, string) {
	if w.validates() {
		return Fail, "the pools that it excludes are not validated"
	}
	return Warn, ""
}

func detailSeverity(webhook, webhook) (Status, string) { return Warn, "" }

func timeout(w webhook) int32 { return valueOr(w.TimeoutSeconds, 10) }

// path returns the path of a webhook in the Service. It is empty for a webhook that calls a URL.
func path(w webhook) string {
	if w.ClientConfig.Service == nil {
		return ""
	}
	return valueOr(w.ClientConfig.Service.Path, "/")
}

// formatRules returns the rules as text. It sorts each list, because the order has no meaning.
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

// enforcedByAKS reports whether a selector has a key with which the admissions enforcer of AKS excludes namespaces
// (https://learn.microsoft.com/azure/aks/faq).
func enforcedByAKS(selector *metav1.LabelSelector) bool {
	return selector != nil && slices.ContainsFunc(selector.MatchExpressions, func(r metav1.LabelSelectorRequirement) bool {
		return r.Key == "control-plane" || r.Key == "kubernetes.azure.com/managedby"
	})
}

func formatSelector(selector *metav1.LabelSelector) string {
	if selector == nil || len(selector.MatchLabels)+len(selector.MatchExpressions) == 0 {
		return "{}"
	}
	return metav1.FormatLabelSelector(selector)
}
