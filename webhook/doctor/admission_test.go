package doctor

import (
	"errors"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	validation "k8s.io/apimachinery/pkg/util/validation/field"

	"ippool-webhook/webhook/ippool"
)

func TestCheckAdmission(t *testing.T) {
	kind := schema.GroupKind{Group: ippool.Group, Kind: ippool.Kind}
	resource := schema.GroupResource{Group: ippool.Group, Resource: ippool.Resource}
	invalid := func(detail string) error {
		return apierrors.NewInvalid(kind, dryRunPool, validation.ErrorList{validation.Invalid(validation.NewPath("spec", "range"), "x", detail)})
	}
	for _, test := range []struct {
		name     string
		user     string
		err      error
		warnings []string
		status   Status
		want     string
	}{
		{"denied", "jane", invalid("no CIDR (rule range-syntax)"), nil, Pass, "the webhook denied a malformed pool in namespace kube-system (dry run, rule range-syntax)"},
		{"denied by another rule", "jane", invalid("odd (rule name-mismatch)"), nil, Warn, "it did not deny the dry run with code 422 and rule range-syntax"},
		{"denied with 403", "jane", apierrors.NewForbidden(resource, "x", errors.New(`admission webhook "y" denied the request: no CIDR (rule range-syntax)`)), nil, Warn,
			"it did not deny the dry run with code 422 and rule range-syntax"},
		{"accepted", "jane", nil, nil, Fail, "pools are not validated"},
		{"accepted with a warning of another component", "jane", nil, []string{"deprecated"}, Fail, "pools are not validated"},
		{"accepted with a warning of the CEL baseline", "jane", nil,
			[]string{"Validation failed for ValidatingAdmissionPolicy 'ippool-webhook-baseline-warn' with binding 'x': no CIDR (rule range-syntax)"}, Fail, "pools are not validated"},
		{"warned", "jane", nil, []string{"odd (rule name-mismatch)", "no CIDR (rule range-syntax)"}, Warn, "its Policy only warns about findings of rule range-syntax"},
		{"rule off", "jane", nil, []string{"odd (rule name-mismatch)"}, Warn, "its Policy turns off rule range-syntax"},
		{"Whereabouts", "system:serviceaccount:kube-system:whereabouts", nil, []string{"no CIDR (rule range-syntax)"}, Warn, "the dry run does not show whether pools are validated"},
		{"no answer of the webhook", "jane", apierrors.NewInternalError(errors.New(`failed calling webhook "x": connection refused`)), nil, Fail, `failed calling webhook "x": connection refused`},
		{"RBAC", "jane", apierrors.NewForbidden(resource, "x", errors.New("no")), nil, Warn, "forbidden to create ippools"},
		{"another webhook", "jane", apierrors.NewForbidden(resource, "x", errors.New(`admission webhook "y" denied the request`)), nil, Warn, "another webhook denied"},
		{"no kind", "jane", &meta.NoKindMatchError{}, nil, Fail, "not checked: the API server has no kind IPPool"},
		{"no answer", "jane", errors.New("deadline exceeded"), nil, Fail, "the dry run failed: deadline exceeded"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := installed(t)
			c.user, c.dryRun = test.user, dryRun{namespace: "kube-system", rule: brokenRule, err: test.err, warnings: test.warnings}
			expectLine(t, checkAdmission(c), test.status, test.want)
		})
	}
}
