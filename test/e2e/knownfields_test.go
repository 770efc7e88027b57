package e2e

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"ippool-webhook/test/environment"
)

const (
	claimed = `{"id": "` + idPrefix + `", "podref": "vms/launcher-a", "ifname": "net1", "ipamclaimref": "vms/vm1.net1"}`
	owned   = `{"id": "` + idPrefix + `", "podref": "default/web-0", "owner": "network"}`
	plain   = `{"id": "` + idPrefix + `", "podref": "default/web-0"}`
)

// schemasOfOthers are the schemas with which fields that the shipped CRD does not have reach the webhook.
func schemasOfOthers() map[string]environment.Schema {
	return map[string]environment.Schema{"known to the CRD": environment.Newer, "kept by the CRD": environment.Keeping}
}

// TestFieldsOfOtherLineages writes the fields of all lineages of Whereabouts with fieldValidation Strict, the default of
// kubectl.
func TestFieldsOfOtherLineages(t *testing.T) {
	for name, schema := range schemasOfOthers() {
		t.Run(name, func(t *testing.T) {
			setSchema(t, schema)
			for _, f := range []struct{ name, spec, status string }{
				{name: "ipamclaimref", spec: `{"range": "10.0.0.0/24", "allocations": {"5": ` + claimed + `}}`},
				{name: "enable_l3 and the first address", spec: `{"range": "10.0.0.0/24", "enable_l3": true, "allocations": {"0": ` + plain + `}}`},
				{name: "enable_l3 and two addresses", spec: `{"range": "10.0.0.0/31", "enable_l3": true, "allocations": {}}`},
				{name: "status", spec: `{"range": "10.0.0.0/24", "allocations": {}}`, status: `{"totalIPs": 256, "used": {"percent": 0}}`},
			} {
				t.Run(f.name, func(t *testing.T) {
					pool := bare(poolNameOf(t, f.spec), decode(t, f.spec))
					if f.status != "" {
						pool.Object["status"] = decode(t, f.status)
					}
					expectStrictWrites(t, pool)
				})
			}
		})
	}
}

// TestKnownFields writes fields that no lineage has. They are denied in the words of the API server, unless the Policy lists
// them.
func TestKnownFields(t *testing.T) {
	const gateway, owner = `{"range": "10.0.0.0/24", "gateway": "10.0.0.1", "allocations": {}}`, `{"range": "10.0.0.0/24", "allocations": {"5": ` + owned + `}}`
	for name, schema := range schemasOfOthers() {
		t.Run(name, func(t *testing.T) {
			setSchema(t, schema)
			s := newSession(t, manifest{pool: "10.0.0.0-24", spec: gateway})
			s.expectDenied(t, gateway, byWebhook(strictError+`unknown field "spec.gateway"`))
			s.expectDenied(t, owner, byWebhook(strictError+`unknown field "spec.allocations.5.owner"`))

			restart(t, environment.Options{Policy: `
apiVersion: config.ippool-webhook/v1alpha1
kind: Policy
knownFields: [spec.gateway, "spec.allocations.*.owner"]
`})
			for _, spec := range []string{gateway, owner} {
				expectStrictWrites(t, bare("10.0.0.0-24", decode(t, spec)))
			}
			denial := strictError + `unknown field "spec.gatewya"` // the API server denies these itself, unless it preserves the field
			if schema == environment.Keeping {
				denial = byWebhook(denial)
			}
			s.expectDenied(t, owner[:len(owner)-1]+`, "gatewya": "10.0.0.1"}`, denial)
		})
	}
}

// TestClaimTakenOver assigns an address to another pod of the same claim, as a user who repairs a pool does.
func TestClaimTakenOver(t *testing.T) {
	setSchema(t, environment.Newer)
	s := newSession(t, manifest{pool: "10.0.0.0-24", spec: `{"range": "10.0.0.0/24", "allocations": {"5": ` + claimed + `}}`})
	s.expectRun(t, "created", nil, "create")
	five, _ := s.expected()["5"].(map[string]any)
	five["podref"], five["id"] = "vms/launcher-b", idPrefix+"b"
	s.write(t, s.file, s.want)
	s.expectRun(t, "replaced", nil, "replace")

	five["ipamclaimref"], five["podref"] = "vms/vm2.net1", "vms/launcher-c"
	s.write(t, s.file, s.want)
	got := s.run(t, "replace")
	want := printed{Lines: []string{`The IPPool "10.0.0.0-24" is invalid: spec.allocations[5].podref: Invalid value: "vms/launcher-c": ` +
		`must stay vms/launcher-b, which has this address; delete that pod and remove the allocation first (rule allocation-reassigned)`}, Code: "1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("kubectl replace (-want +got):\n%s", diff)
	}
}

// expectStrictWrites creates a pool and writes it in every other way, each time with kubectl and Strict. It expects no denial
// and no warning, and that the pool is stored as written.
func expectStrictWrites(t *testing.T, pool *unstructured.Unstructured) {
	t.Helper()
	s := newSession(t, manifest{pool: pool.GetName(), spec: specText(t, pool)})
	for _, step := range []struct {
		done  string
		args  []string
		inUse bool // whether there is an additional allocation: without a change of the spec, the webhook is not called
	}{
		{"created", []string{"create"}, false},
		{"configured", []string{"apply"}, true},
		{"replaced", []string{"replace"}, false},
		{"serverside-applied", []string{"apply", "--server-side", "--force-conflicts"}, true},
	} {
		written := pool.DeepCopy()
		if step.inUse {
			if err := unstructured.SetNestedMap(written.Object, at("1", "default/web-1").fields(), "spec", "allocations", "1"); err != nil {
				t.Fatal(err)
			}
		}
		text, err := written.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(s.file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		s.want, _ = written.Object["spec"].(map[string]any)
		s.expectRun(t, step.done, nil, step.args...)
		if diff := cmp.Diff(pool.Object["status"], s.whereabouts.mustRead(t, s.pool).Object["status"]); diff != "" {
			t.Errorf("status (-want +got):\n%s", diff)
		}
	}
}

// expectDenied creates a pool with kubectl and Strict, and expects a denial with code 400.
func (s *session) expectDenied(t *testing.T, spec, message string) {
	t.Helper()
	s.write(t, s.file, decode(t, spec))
	want := printed{Lines: []string{`Error from server (BadRequest): error when creating "` + s.file + `": ` + message}, Code: "1"}
	if diff := cmp.Diff(want, s.run(t, "create")); diff != "" {
		t.Errorf("kubectl create (-want +got):\n%s", diff)
	}
	expectStored(t, s.scene, s.pool, nil)
}

// poolNameOf returns the name of a pool with a spec, in the format of Whereabouts.
func poolNameOf(t *testing.T, spec string) string {
	t.Helper()
	cidr, _ := decode(t, spec)["range"].(string)
	return poolName(cidr)
}
