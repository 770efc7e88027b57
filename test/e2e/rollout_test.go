package e2e

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ippool-webhook/test/environment"
	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/rules"
)

// TestRollOut applies manifests under the Policy that docs/install.md recommends for a roll-out, which denies nothing: a pool is
// stored as it is written, except for the allocations that the schema requires, and stays so.
func TestRollOut(t *testing.T) {
	restart(t, environment.Options{Policy: rollOutPolicy(t)})
	for _, mode := range applyModes() {
		for _, m := range manifests() {
			t.Run(mode.name+"/"+m.name, func(t *testing.T) {
				t.Parallel()
				var first []string
				m.stored, m.again, m.written = m.spec, nil, nil
				if spec := decode(t, m.spec); spec["allocations"] == nil {
					m.stored = strings.TrimSuffix(m.spec, "}") + `, "allocations": {}}`
					first = []string{"spec.allocations: stored as {}, because the schema requires it"}
				}
				s := newSession(t, m)
				s.apply(t, mode, first, "created")
				s.applyAgain(t, mode)
				s.startPods(t, at("1", "default/web-0"), at("2", "default/web-1"))
				s.applyAgain(t, mode)
				s.expectNoDifference(t, mode)
				s.endPod(t, "1")
				if got := s.replace(t); got.Code != "0" || len(got.Warnings) > 0 {
					t.Errorf("kubectl replace: %v", got)
				}
				s.expectStored(t)
				s.apply(t, mode, nil, "configured") // what a replacement drops is the annotation of kubectl apply
				s.applyAgain(t, mode)
			})
		}
	}
}

// TestRollOutOfRenamedKey shows why manifests have to be corrected during a roll-out. Nothing is normalized then, and Whereabouts, which
// writes all allocations under canonical keys, renames the key of the manifest: each apply brings it again.
func TestRollOutOfRenamedKey(t *testing.T) {
	restart(t, environment.Options{Policy: rollOutPolicy(t)})
	five := at("05", "default/web-5")
	for _, mode := range applyModes() {
		t.Run(mode.name, func(t *testing.T) {
			s := newSession(t, manifest{pool: "10.9.0.0-24", spec: specText(t, newPool("10.9.0.0/24", five))})
			s.apply(t, mode, nil, "created")
			s.patchAsWhereabouts(t, s.pool,
				map[string]any{"op": "remove", "path": "/spec/allocations/05"},
				map[string]any{"op": "add", "path": "/spec/allocations/5", "value": five.fields()})
			s.wanted()["5"] = five.fields() // beside 05
			s.apply(t, mode, nil, "configured")
		})
	}
}

// TestRollOutPolicy expects that the Policy for a roll-out audits every rule that denies, and changes nothing else.
func TestRollOutPolicy(t *testing.T) {
	p, err := policy.Parse([]byte(rollOutPolicy(t)))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]policy.RuleSettings{}
	for _, rule := range rules.All(rules.Options{}) {
		if rule.Action == rules.Deny && !rule.ByFieldValidation {
			want[rule.ID] = policy.RuleSettings{Action: policy.Action(rules.Audit.String())}
		}
	}
	if diff := cmp.Diff(want, p.Rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

// rollOutPolicy returns the Policy for a roll-out.
func rollOutPolicy(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(suite.Path("docs", "install.md"))
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)This is the whole Policy:\n\n   ```yaml\n(.*?)   ```").FindSubmatch(text)
	if block == nil {
		t.Fatal("docs/install.md has no Policy for a roll-out")
	}
	return string(block[1])
}
