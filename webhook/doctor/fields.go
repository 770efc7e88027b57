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
	value func(entry) string
	// danger says how bad it is that e differs from what is shipped, and why.
	danger func(e, want entry) (Status, string)
}

// fields returns the fields that are compared, in the order of the report.
func fields() []field {
	return []field{
		{"failurePolicy", func(e entry) string { return string(valueOr(e.FailurePolicy, admissionv1.Fail)) }, ofFailurePolicy},
		{"timeoutSeconds", func(e entry) string { return fmt.Sprint(timeout(e)) }, ofTimeout},
		{"clientConfig.service.path", path, ofGuard},
		{"rules", func(e entry) string { return formatRules(e.Rules) }, ofGuard},
		{"namespaceSelector", func(e entry) string { return formatSelector(e.NamespaceSelector) }, ofSelector},
		{"objectSelector", func(e entry) string { return formatSelector(e.ObjectSelector) }, ofSelector},
		{"sideEffects", func(e entry) string { return string(valueOr(e.SideEffects, "")) }, ofDetail},
		{"matchPolicy", func(e entry) string { return string(valueOr(e.MatchPolicy, admissionv1.Equivalent)) }, ofDetail},
		{"admissionReviewVersions", func(e entry) string { return strings.Join(e.AdmissionReviewVersions, ",") }, ofDetail},
		{"reinvocationPolicy", func(e entry) string { return string(e.reinvocationPolicy) }, ofDetail},
	}
}

func ofFailurePolicy(e, want entry) (Status, string) {
	switch {
	case e.Name == whereaboutsEntry:
		return Fail, "in an outage, pods get addresses that no pool records"
	case e.validates() && valueOr(want.FailurePolicy, admissionv1.Fail) == admissionv1.Ignore:
		return Fail, "in an outage, users cannot write pools, although they are in observe mode"
	case e.validates():
		return Fail, "in an outage, users can corrupt pools"
	default:
		return Warn, ""
	}
}

func ofTimeout(e, want entry) (Status, string) {
	if e.Name == whereaboutsEntry && timeout(e) > timeout(want) {
		return Fail, "Whereabouts holds a cluster-wide lease while it waits"
	}
	return Warn, ""
}

// ofGuard is for what decides which requests are sent to the webhook, and to which path.
func ofGuard(entry, entry) (Status, string) { return Fail, "" }

func ofSelector(e, _ entry) (Status, string) {
	if e.validates() {
		return Fail, "the pools that it excludes are not validated"
	}
	return Warn, ""
}

func ofDetail(entry, entry) (Status, string) { return Warn, "" }

func timeout(e entry) int32 { return valueOr(e.TimeoutSeconds, 10) }

// path returns the path that a webhook calls. One that calls a URL is a finding of its own.
func path(e entry) string {
	if e.ClientConfig.Service == nil {
		return ""
	}
	return valueOr(e.ClientConfig.Service.Path, "/")
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
