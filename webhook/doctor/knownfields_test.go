package doctor

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"ippool-webhook/webhook/policy"
)

func TestCheckKnownFields(t *testing.T) {
	const (
		crd      = "ippools.whereabouts.cni.cncf.io"
		in400    = " (a request that adds one of them with fieldValidation Strict, the default of kubectl, is denied with 400)"
		inPolicy = " that are neither in the webhook's schema nor in knownFields of the Policy (policy.yaml): "
		set      = "set this line in the Policy (with Helm, below policy in the values): knownFields: "
	)
	with := func(known ...string) runningPolicy {
		return runningPolicy{source: "policy.yaml", value: &policy.Policy{KnownFields: known}}
	}
	unreadable := runningPolicy{problem: problem{Warn, "cannot read the Policy: it is gone", "bring it back"}}
	invalid := unreadable
	invalid.unusable = true
	for _, test := range []struct {
		name   string
		fields []string // that the CRD has besides its own
		policy runningPolicy
		want   Result
	}{
		{"nothing added", nil, with(), Result{"", Pass, "every field of " + crd + " is in the webhook's schema", ""}},
		{
			"fields of other lineages", []string{"status", "spec.enable_l3", "spec.allocations.*.ipamclaimref"}, with(),
			Result{"", Pass, "every field of " + crd + " is in the webhook's schema", ""},
		},
		{"nothing added, Policy not needed", nil, unreadable, Result{"", Pass, "every field of " + crd + " is in the webhook's schema", ""}},
		{"nothing added, Policy invalid", nil, invalid, Result{"", Warn, "cannot read the Policy: it is gone", "bring it back"}},
		{
			"all known", []string{"extra", "spec.gateway", "spec.allocations.*.owner"}, with("spec.allocations.*.owner", "spec.gateway", "extra", "spec.unused"),
			Result{"", Pass, "every field of " + crd + " is in the webhook's schema or in knownFields of the Policy (policy.yaml)", ""},
		},
		{
			"one at each level", []string{"spec.allocations.*.owner", "spec.gateway", "spec.dns", "extra"}, with(),
			Result{
				"", Warn, crd + " has fields" + inPolicy + "extra, spec.dns, spec.gateway, spec.allocations.*.owner" + in400,
				set + `["extra","spec.dns","spec.gateway","spec.allocations.*.owner"]`,
			},
		},
		{
			"one of two known", []string{"spec.gateway", "spec.dns"}, with("spec.gateway", "spec.unused"),
			Result{"", Warn, crd + " has fields" + inPolicy + "spec.dns" + in400, set + `["spec.gateway","spec.unused","spec.dns"]`},
		},
		{
			"known at another level", []string{"spec.owner"}, with("owner", "spec.allocations.*.owner"),
			Result{"", Warn, crd + " has fields" + inPolicy + "spec.owner" + in400, set + `["owner","spec.allocations.*.owner","spec.owner"]`},
		},
		{
			"own field at another level", []string{"range", "spec.id", "spec.allocations.*.spec"}, with(),
			Result{
				"", Warn, crd + " has fields" + inPolicy + "range, spec.id, spec.allocations.*.spec" + in400,
				set + `["range","spec.id","spec.allocations.*.spec"]`,
			},
		},
		{
			"Policy not read", []string{"spec.gateway"}, unreadable,
			Result{
				"", Warn, "cannot read the Policy: it is gone; " + crd + " has fields outside the webhook's schema: spec.gateway" + in400,
				`bring it back; add to the Policy what it lacks of this line (with Helm, below policy in the values): knownFields: ["spec.gateway"]`,
			},
		},
		{
			"names that knownFields cannot have", []string{"spec.allocations.*.a*b", "spec.allocations.*.c.d", "spec.yes"}, with(),
			Result{
				"", Warn, crd + " has fields" + inPolicy + "spec.yes" + in400 + "; " + crd +
					" has fields that knownFields cannot name, because of a dot or an asterisk: spec.allocations.*.a*b, spec.allocations.*.c.d" + in400,
				set + `["spec.yes"]; write these fields with kubectl --validate=warn`,
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			crd := shippedCRD(t)
			for _, path := range test.fields {
				define(crd, path)
			}
			c := &cluster{crd: read[*apiextensionsv1.CustomResourceDefinition]{value: crd}, policy: test.policy}
			if diff := cmp.Diff(test.want, checkKnownFields(c).result("")); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
		})
	}
}

// TestKnownFieldsLine expects the Policy to take the line as it is, whatever the names are.
func TestKnownFieldsLine(t *testing.T) {
	want := []string{"yes", "5", "~", "a b", `a"b'`, "a: b # c", "spec.null", "spec.allocations.*.[x]"}
	p, err := policy.Parse([]byte("apiVersion: config.ippool-webhook/v1alpha1\nkind: Policy\n" + knownFieldsLine(want) + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, p.KnownFields); diff != "" {
		t.Errorf("knownFields (-want +got):\n%s", diff)
	}
}

func TestKnownFieldsNotChecked(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*cluster)
		want   string
	}{
		{"no CRD", func(c *cluster) { c.crd.err = errors.New("gone") }, "not checked: the CustomResourceDefinition ippools.whereabouts.cni.cncf.io could not be read"},
		{"another version", func(c *cluster) { c.crd.value.Spec.Versions[0].Name = "v1" }, "not checked: ippools.whereabouts.cni.cncf.io does not serve v1alpha1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := &cluster{crd: read[*apiextensionsv1.CustomResourceDefinition]{value: shippedCRD(t)}}
			test.change(c)
			want := Result{"", Warn, test.want, "see crd"}
			if diff := cmp.Diff(want, checkKnownFields(c).result("")); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
		})
	}
}
