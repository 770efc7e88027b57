package baseline

import (
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ippool-webhook/webhook/rules"
)

// Object is a policy or a binding as a manifest has it, without a status.
type Object struct {
	metav1.TypeMeta `json:",inline"`
	Metadata        Metadata `json:"metadata"`
	Spec            any      `json:"spec"`
}

// Metadata is the metadata of an Object.
type Metadata struct {
	Name string `json:"name"`
}

// Policy returns the ValidatingAdmissionPolicy with the rules that have a default action. It applies to the requests that the match
// conditions select.
func (b Baseline) Policy(action rules.Action, conditions []admissionv1.MatchCondition) Object {
	spec := admissionv1.ValidatingAdmissionPolicySpec{
		FailurePolicy: new(admissionv1.Fail),
		MatchConstraints: &admissionv1.MatchResources{ResourceRules: []admissionv1.NamedRuleWithOperations{{
			RuleWithOperations: admissionv1.RuleWithOperations{
				Operations: []admissionv1.OperationType{admissionv1.Create, admissionv1.Update, admissionv1.Delete},
				Rule: admissionv1.Rule{
					APIGroups: []string{"whereabouts.cni.cncf.io"}, APIVersions: []string{"v1alpha1"}, Resources: []string{"ippools"},
				},
			},
		}}},
		MatchConditions: conditions,
		Variables:       b.Variables,
	}
	for _, rule := range b.Rules {
		if rule.Action == action.String() {
			spec.Validations = append(spec.Validations, rule.Validation)
		}
	}
	return object("ValidatingAdmissionPolicy", action, spec)
}

// Binding returns the ValidatingAdmissionPolicyBinding of Policy. An API server also adds warnings to its audit log.
func (b Baseline) Binding(action rules.Action) Object {
	actions := []admissionv1.ValidationAction{admissionv1.Deny}
	if action == rules.Warn {
		actions = []admissionv1.ValidationAction{admissionv1.Warn, admissionv1.Audit}
	}
	return object("ValidatingAdmissionPolicyBinding", action, admissionv1.ValidatingAdmissionPolicyBindingSpec{
		PolicyName: name(action), ValidationActions: actions,
	})
}

func object(kind string, action rules.Action, spec any) Object {
	return Object{metav1.TypeMeta{APIVersion: admissionv1.SchemeGroupVersion.String(), Kind: kind}, Metadata{name(action)}, spec}
}

// name returns the name of the policy with the rules that have an action.
func name(action rules.Action) string {
	return "ippool-webhook-baseline-" + strings.ToLower(action.String())
}
