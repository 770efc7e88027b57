package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/test/environment"
	"ippool-webhook/webhook/doctor"
	"ippool-webhook/webhook/ippool"
)

const (
	policyHead   = "apiVersion: config.ippool-webhook/v1alpha1\nkind: Policy\n"
	policyName   = "ippool-webhook-policy"
	ofPolicy     = "(ConfigMap ippool-webhook/ippool-webhook-policy)"
	deniedWith   = " (the webhook denies, with code 400, a request that adds one of them with fieldValidation Strict, the default of kubectl)"
	allKnown     = "every field of ippools.whereabouts.cni.cncf.io is in the webhook's schema"
	hasFields    = "ippools.whereabouts.cni.cncf.io has fields that are neither in the webhook's schema nor in knownFields of the Policy "
	outsideAll   = "ippools.whereabouts.cni.cncf.io has fields outside the webhook's schema: "
	lineToSet    = "set this line in the Policy (with Helm, below policy in the values): "
	lineToExtend = "add the missing fields of this line to the Policy (with Helm, below policy in the values): "
)

// define adds fields to the CRD until the end of the test, each by its path.
func define(t *testing.T, paths ...string) {
	t.Helper()
	crd := object(&apiextensionsv1.CustomResourceDefinition{}, "", ippool.Resource+"."+ippool.Group)
	alter(t, crd, func(c *apiextensionsv1.CustomResourceDefinition) {
		root := c.Spec.Versions[0].Schema.OpenAPIV3Schema
		spec := root.Properties["spec"]
		for _, path := range paths {
			properties, name := root.Properties, path
			if rest, ok := strings.CutPrefix(path, "spec.allocations.*."); ok {
				properties, name = spec.Properties["allocations"].AdditionalProperties.Schema.Properties, rest
			} else if rest, ok := strings.CutPrefix(path, "spec."); ok {
				properties, name = spec.Properties, rest
			}
			properties[name] = apiextensionsv1.JSONSchemaProps{Type: "string"}
		}
	})
}

func policyMap(called string) *corev1.ConfigMap { return object(&corev1.ConfigMap{}, name, called) }

// setPolicy changes the Policy in the ConfigMap until the end of the test.
func setPolicy(t *testing.T, text string) {
	t.Helper()
	alter(t, policyMap(policyName), func(c *corev1.ConfigMap) { c.Data = map[string]string{"policy.yaml": text} })
}

func knownFieldRows() []row {
	line := func(status doctor.Status, message, remedy string) expectation {
		return expectation{check: "known-fields", status: status, message: message, remedy: remedy}
	}
	with := func(policy string, paths ...string) func(*testing.T) {
		return func(t *testing.T) {
			define(t, paths...)
			if policy != "" {
				setPolicy(t, policy)
			}
		}
	}
	return []row{
		{"CRD with the fields of all lineages", with("", "status", "spec.enable_l3", "spec.allocations.*.ipamclaimref"), line(pass, allKnown, "")},
		{"CRD with another field at each level", with("", "extra", "spec.gateway", "spec.allocations.*.owner"),
			line(warn, hasFields+ofPolicy+": extra, spec.gateway, spec.allocations.*.owner"+deniedWith,
				lineToSet+`knownFields: ["extra","spec.gateway","spec.allocations.*.owner"]`)},
		{"other fields in knownFields", with(policyHead+"knownFields: [extra, spec.gateway, 'spec.allocations.*.owner']\n", "extra", "spec.gateway", "spec.allocations.*.owner"),
			line(pass, allKnown+" or in knownFields of the Policy "+ofPolicy, "")},
		{"one of two fields in knownFields", with(policyHead+"knownFields: [spec.gateway]\n", "spec.gateway", "spec.allocations.*.owner"),
			line(warn, hasFields+ofPolicy+": spec.allocations.*.owner"+deniedWith, lineToSet+`knownFields: ["spec.gateway","spec.allocations.*.owner"]`)},
		{"Policy with a hash in its name", func(t *testing.T) {
			const hashed = policyName + "-5t7h2k8b9m"
			define(t, "spec.gateway")
			more := policyMap(hashed)
			more.Data = map[string]string{"policy.yaml": policyHead + "knownFields: [spec.gateway]\n"}
			add(t, more)
			alter(t, object(&appsv1.Deployment{}, name, name), func(d *appsv1.Deployment) {
				for _, volume := range d.Spec.Template.Spec.Volumes {
					if volume.ConfigMap != nil {
						volume.ConfigMap.Name = hashed
					}
				}
			})
		}, line(pass, "knownFields of the Policy (ConfigMap ippool-webhook/ippool-webhook-policy-5t7h2k8b9m)", "")},
		{"no Policy, and another field", func(t *testing.T) {
			define(t, "spec.gateway")
			remove(t, policyMap(policyName))
		}, line(warn, "cannot read the Policy: there is no ConfigMap ippool-webhook/ippool-webhook-policy; "+outsideAll+"spec.gateway"+deniedWith,
			"set --config to the file that contains the Policy; "+lineToExtend+`knownFields: ["spec.gateway"]`)},
		{"no Policy, and no other field", func(t *testing.T) { remove(t, policyMap(policyName)) }, line(pass, allKnown, "")},
		{"invalid Policy, and another field", with(policyHead+"knownField: [spec.gateway]\n", "spec.gateway"),
			line(warn, "the Policy "+ofPolicy+` is invalid: line 3: unknown field "knownField"; `+outsideAll+"spec.gateway"+deniedWith,
				"correct the Policy: serve does not start with it; "+lineToExtend+`knownFields: ["spec.gateway"]`)},
		{"invalid Policy, and no other field", with(policyHead + "fieldValidation: Never\n"),
			line(warn, "the Policy "+ofPolicy+` is invalid: line 3: fieldValidation: Unsupported value: "Never"`, "correct the Policy")},
	}
}

// TestPolicyFile reads the Policy from a file instead of the cluster.
func TestPolicyFile(t *testing.T) {
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "policy.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	known, empty, invalid := file(policyHead+"knownFields: [spec.gateway]\n"), file(policyHead), file("kind: Policy\n")
	awaitHealthy(t)
	t.Cleanup(func() { awaitHealthy(t) }) // the last of all cleanups
	define(t, "spec.gateway")
	for _, row := range []struct {
		name, path      string
		status          doctor.Status
		message, remedy string
	}{
		{"with the field", known, pass, "knownFields of the Policy (" + known + ")", ""},
		{"without the field", empty, warn, hasFields + "(" + empty + "): spec.gateway", lineToSet + `knownFields: ["spec.gateway"]`},
		{"invalid", invalid, warn, "the Policy (" + invalid + ") is invalid: apiVersion: Required value: must be config.ippool-webhook/v1alpha1; " + outsideAll + "spec.gateway",
			"correct the Policy: serve does not start with it; " + lineToExtend},
		{"missing", "/does/not/exist", warn, "cannot read the Policy: open /does/not/exist: no such file or directory; " + outsideAll + "spec.gateway",
			"set --config to the file that contains the Policy; " + lineToExtend},
	} {
		suite.rows.Run(t, row.name, func(t *testing.T) {
			await(t, expectation{check: "known-fields", status: row.status, message: row.message, remedy: row.remedy}, "--kubeconfig", suite.jane, "--config", row.path)
		})
	}
}

// TestRemedyOfKnownFields applies the remedy: a strict write of the fields is denied before, and allowed afterwards.
func TestRemedyOfKnownFields(t *testing.T) {
	awaitHealthy(t)
	t.Cleanup(func() { awaitHealthy(t) })
	define(t, "spec.gateway", "spec.allocations.*.owner")
	awaitStrictWrite(t, func(err error) error {
		if !apierrors.IsBadRequest(err) || !strings.Contains(err.Error(), `unknown field "spec.gateway"`) {
			return fmt.Errorf("the strict write ended with %w, want 400", err)
		}
		return nil
	})
	got, err := execute(t.Context(), "--kubeconfig", suite.jane, "--output", "json")
	if err != nil {
		t.Fatal(err)
	}
	var report doctor.Report
	if err := json.Unmarshal([]byte(got.stdout), &report); err != nil {
		t.Fatal(err)
	}
	remedy := report.Checks[len(report.Checks)-1].Remedy
	line, found := strings.CutPrefix(remedy, lineToSet)
	if !found {
		t.Fatalf("the remedy is %q, want it to begin with %q", remedy, lineToSet)
	}
	setPolicy(t, policyHead+line+"\n")
	restartAll(t, policyHead+line+"\n")
	t.Cleanup(func() { restartAll(t, "") })
	await(t, expectation{check: "known-fields", status: pass}, "--kubeconfig", suite.jane)
	awaitStrictWrite(t, func(err error) error { return err })
}

// awaitStrictWrite waits until the API server has the fields of the CRD and a strict write of them has the expected result.
func awaitStrictWrite(t *testing.T, expected func(error) error) {
	t.Helper()
	err := environment.Await(t.Context(), "a strict write", func(ctx context.Context) error {
		pool, err := writeFields(ctx, metav1.FieldValidationIgnore)
		if err != nil {
			return err
		}
		if _, found, _ := unstructured.NestedString(pool.Object, "spec", "gateway"); !found {
			return errors.New("the API server drops spec.gateway")
		}
		_, err = writeFields(ctx, metav1.FieldValidationStrict)
		return expected(err)
	})
	if err != nil {
		t.Error(err)
	}
}

// writeFields writes a pool with the fields of the CRD, as a dry run.
func writeFields(ctx context.Context, validation string) (*unstructured.Unstructured, error) {
	pool := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": environment.PoolResource().GroupVersion().String(), "kind": ippool.Kind,
		"metadata": map[string]any{"name": "10.0.0.0-24", "namespace": metav1.NamespaceDefault},
		"spec": map[string]any{
			"range": "10.0.0.0/24", "gateway": "10.0.0.254",
			"allocations": map[string]any{"1": map[string]any{"id": "a", "podref": "default/web-0", "ifname": "net1", "owner": "team"}},
		},
	}}
	return pool, suite.admin.Create(ctx, pool, client.DryRunAll, client.FieldValidation(validation))
}
