package main

import (
	"context"
	"encoding/json"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ippool-webhook/webhook/baseline"
	"ippool-webhook/webhook/rules"
)

// installBaseline installs the policies of the CEL baseline for the selected namespaces. No user is exempt.
func (c *configurations) installBaseline(ctx context.Context, namespaces *metav1.LabelSelector) error {
	b, admission := baseline.New(), c.client.AdmissionregistrationV1()
	for _, action := range []rules.Action{rules.Deny, rules.Warn} {
		var policy admissionv1.ValidatingAdmissionPolicy
		var binding admissionv1.ValidatingAdmissionPolicyBinding
		if err := convert(b.Policy(action, nil), &policy); err != nil {
			return err
		}
		if err := convert(b.Binding(action), &binding); err != nil {
			return err
		}
		policy.Spec.MatchConstraints.NamespaceSelector = namespaces
		if _, err := admission.ValidatingAdmissionPolicies().Create(ctx, &policy, metav1.CreateOptions{}); err != nil {
			return err
		}
		if _, err := admission.ValidatingAdmissionPolicyBindings().Create(ctx, &binding, metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	return nil
}

func convert(object baseline.Object, into any) error {
	text, err := json.Marshal(object)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
