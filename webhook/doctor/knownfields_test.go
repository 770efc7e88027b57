package doctor

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"ippool-webhook/webhook/policy"
)

// The parts of the expected messages and remedies.
const (
	inSchema      = "every field of " + poolCRD + " is in the webhook's schema"
	notInPolicy   = poolCRD + " has fields that are neither in the webhook's schema nor in knownFields of the Policy (policy.yaml): "
	deniedWith400 = " (the webhook denies, with code 400, a request that adds one of them with fieldValidation Strict, the default of kubectl)"
	setLine       = "set this line in the Policy (with Helm, below policy in the values): knownFields: "
)

// knownFieldsTest adds fields to the CRD and expects a result of the check.
type knownFieldsTest struct {
	name   string
	fields []string
	policy runningPolicy
	want   Result
}

func (test knownFieldsTest) run(t *testing.T) {
	crd := shippedCRD(t)
	for _, path := range test.fields {
		define(crd, path)
	}
	c := &cluster{crd: read[*apiextensionsv1.CustomResourceDefinition]{value: crd}, policy: test.policy}
	if diff := cmp.Diff(test.want, checkKnownFields(c).result("")); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}

// withKnown returns a Policy with knownFields.
func withKnown(paths ...string) runningPolicy {
	return runningPolicy{source: "policy.yaml", value: &policy.Policy{KnownFields: paths}}
}

// withoutPolicy returns the problem of a Policy that doctor could not read.
func withoutPolicy(unusable bool) runningPolicy {
	return runningPolicy{problem: problem{Warn, "cannot read the Policy: it does not exist", "create it"}, unusable: unusable}
}

// TestKnownFields adds only fields that are in the schema or in knownFields.
func TestKnownFields(t *testing.T) {
	for _, test := range []knownFieldsTest{
		{"no fields added", nil, withKnown(), Result{"", Pass, inSchema, ""}},
		{
			"fields of other lineages", []string{"status", "spec.enable_l3", "spec.allocations.*.ipamclaimref"}, withKnown(),
			Result{"", Pass, inSchema, ""},
		},
		{"no fields added, Policy not needed", nil, withoutPolicy(false), Result{"", Pass, inSchema, ""}},
		{"no fields added, Policy invalid", nil, withoutPolicy(true), Result{"", Warn, "cannot read the Policy: it does not exist", "create it"}},
		{
			"all known", []string{"extra", "spec.gateway", "spec.allocations.*.owner"}, withKnown("spec.allocations.*.owner", "spec.gateway", "extra", "spec.unused"),
			Result{"", Pass, inSchema + " or in knownFields of the Policy (policy.yaml)", ""},
		},
	} {
		t.Run(test.name, test.run)
	}
}

// TestUnknownFields adds fields that are neither in the schema nor in knownFields.
func TestUnknownFields(t *testing.T) {
	for _, test := range []knownFieldsTest{
		{
			"one at each level", []string{"spec.allocations.*.owner", "spec.gateway", "spec.dns", "extra"}, withKnown(),
			Result{
				"", Warn, notInPolicy + "extra, spec.dns, spec.gateway, spec.allocations.*.owner" + deniedWith400,
				setLine + `["extra","spec.dns","spec.gateway","spec.allocations.*.owner"]`,
			},
		},
		{
			"one of two known", []string{"spec.gateway", "spec.dns"}, withKnown("spec.gateway", "spec.unused"),
			Result{"", Warn, notInPolicy + "spec.dns" + deniedWith400, setLine + `["spec.gateway","spec.unused","spec.dns"]`},
		},
		{
			"known at another level", []string{"spec.owner"}, withKnown("owner", "spec.allocations.*.owner"),
			Result{"", Warn, notInPolicy + "spec.owner" + deniedWith400, setLine + `["owner","spec.allocations.*.owner","spec.owner"]`},
		},
		{
			"field of the schema at another level", []string{"range", "spec.id", "spec.allocations.*.spec"}, withKnown(),
			Result{
				"", Warn, notInPolicy + "range, spec.id, spec.allocations.*.spec" + deniedWith400,
				setLine + `["range","spec.id","spec.allocations.*.spec"]`,
			},
		},
		{
			"Policy not read", []string{"spec.gateway"}, withoutPolicy(false),
			Result{
				"", Warn, "cannot read the Policy: it does not exist; " + poolCRD + " has fields outside the webhook's schema: spec.gateway" + deniedWith400,
				`create it; add the missing fields of this line to the Policy (with Helm, below policy in the values): knownFields: ["spec.gateway"]`,
			},
		},
		{
			"names that knownFields cannot have", []string{"spec.allocations.*.a*b", "spec.allocations.*.c.d", "spec.yes"}, withKnown(),
			Result{
				"", Warn, notInPolicy + "spec.yes" + deniedWith400 + "; " + poolCRD +
					" has fields that knownFields cannot name, because of a dot or an asterisk: spec.allocations.*.a*b, spec.allocations.*.c.d" + deniedWith400,
				setLine + `["spec.yes"]; write these fields with kubectl --validate=warn`,
			},
		},
	} {
		t.Run(test.name, test.run)
	}
}

// TestKnownFieldsLine checks that the Policy accepts the line for unusual field names.
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
		{"no CRD", func(c *cluster) { c.crd.err = errors.New("gone") }, "not checked: doctor could not read the CustomResourceDefinition ippools.whereabouts.cni.cncf.io"},
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
