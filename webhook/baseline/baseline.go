// Package baseline generates ValidatingAdmissionPolicies from the rules that CEL can express. The API server evaluates them itself,
// also while no replica of the webhook answers.
package baseline

import (
	"fmt"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"

	"ippool-webhook/webhook/rules"
)

// Rule is a rule in CEL.
type Rule struct {
	// ID is the ID of the rule.
	ID string `json:"id"`
	// Action is the default action of the rule: Deny or Warn.
	Action string `json:"action"`
	// Validation is the validation of a ValidatingAdmissionPolicy.
	Validation admissionv1.Validation `json:"validation"`
}

// Baseline has all parts of the policies, except who is exempt and the action of each rule.
type Baseline struct {
	Variables []admissionv1.Variable `json:"variables"`
	Rules     []Rule                 `json:"rules"`
}

// New returns the baseline of all rules that have CEL.
func New() Baseline {
	var b Baseline
	for _, v := range rules.CELVariables() {
		b.Variables = append(b.Variables, admissionv1.Variable{Name: v.Name, Expression: v.Expression})
	}
	for _, rule := range rules.All(rules.Options{}) {
		if rule.CEL == nil {
			continue
		}
		if rule.CEL.Keys != "" {
			b.Variables = append(b.Variables, admissionv1.Variable{Name: variable(rule.ID), Expression: rule.CEL.Keys})
		}
		b.Rules = append(b.Rules, Rule{ID: rule.ID, Action: rule.Action.String(), Validation: validation(rule)})
	}
	return b
}

func validation(rule rules.Rule) admissionv1.Validation {
	valid, path := rule.CEL.Valid, "'"+rule.CEL.Field+": ' + "
	if rule.CEL.Keys != "" {
		keys := "variables." + variable(rule.ID)
		path = "(" + keys + ".size() == 0 ? 'spec.allocations' : 'spec.allocations[' + " + keys + "[0] + ']" + rule.CEL.Field + "') + ': ' + "
		if valid == "" {
			valid = keys + ".size() == 0"
		}
	}
	operation := "request.operation == 'DELETE'"
	if rule.CEL.Delete {
		operation = "request.operation != 'DELETE'"
	}
	return admissionv1.Validation{
		Expression:        operation + " || (" + valid + ")",
		MessageExpression: path + rule.CEL.Message + fmt.Sprintf(" + ' (rule %s)'", rule.ID),
	}
}

// variable returns the name of the variable with the keys that a rule finds, such as podrefDuplicate.
func variable(id string) string {
	words := strings.Split(id, "-")
	for i := range words[1:] {
		words[i+1] = strings.ToUpper(words[i+1][:1]) + words[i+1][1:]
	}
	return strings.Join(words, "")
}
