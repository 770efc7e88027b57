package e2e

import (
	"context"
	"strconv"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/rules"
)

// TestEveryRuleIsTested fails for a new rule that no test here violates.
func TestEveryRuleIsTested(t *testing.T) {
	tested := map[string]bool{}
	for _, v := range violations() {
		tested[v.rule] = true
	}
	for _, f := range strayFields() {
		tested[f.rule] = true
	}
	tested["field-type"] = len(wrongTypes()) > 0
	for _, rule := range rules.All(policy.Default().RuleOptions()) {
		if !tested[rule.ID] {
			t.Errorf("no test breaks rule %s", rule.ID)
		}
	}
}

// TestEnforced checks what jane reads when she violates a rule. A denied request changes nothing.
func TestEnforced(t *testing.T) {
	for _, v := range violations() {
		t.Run(v.String(), func(t *testing.T) {
			s := newScene(t)
			v.prepare(t, s)
			before := s.jane.read(t, v.pool())
			want := allowed(v.warned...)
			if len(v.denied) > 0 {
				want.Status = denied(usersWebhook, v.pool(), v.denials(s)...).Status
			}
			expect(t, v.write(t, s.jane), want)
			if len(v.denied) > 0 {
				expectStored(t, s, v.pool(), before)
			}
		})
	}
}

// TestObserved makes the same requests as Whereabouts, in observe mode. They are stored unchanged, a denial becomes a warning,
// and a warning is not sent to the user.
func TestObserved(t *testing.T) {
	for _, v := range violations() {
		t.Run(v.String(), func(t *testing.T) {
			s := newScene(t)
			v.prepare(t, s)
			expect(t, v.write(t, s.whereabouts), allowed(asWarnings(v.denials(s)...)...))
			if v.after == nil {
				expectStored(t, s, v.pool(), nil)
			} else {
				expectSpec(t, s, v.after)
			}
		})
	}
}

// TestManyFindings checks that the answer about a pool with many findings stays short.
func TestManyFindings(t *testing.T) {
	var allocations []allocation
	var findings []string
	for i := 1; i <= 40; i++ {
		key := strconv.Itoa(i)
		allocations = append(allocations, at(key, "web-"+key).in(""))
		findings = append(findings, `spec.allocations[`+key+`].podref: Invalid value: "web-`+key+
			`": must be <namespace>/<pod name>, such as default/web-0 (rule podref-syntax)`)
	}
	want := denied(usersWebhook, "10.0.0.0-24", append(findings[:32:32], "spec: and 8 more findings")...)
	for i := 1; i <= 16; i++ {
		want.Warnings = append(want.Warnings, `spec.allocations[`+strconv.Itoa(i)+
			`].id: Required value: must be the container id of the pod; without it, Whereabouts does not release the address when the pod is deleted (rule id-required)`)
	}
	want.Warnings = append(want.Warnings, "and 24 more warnings")
	expect(t, newScene(t).jane.create(t, newPool("10.0.0.0/24", allocations...)), want)
}

// prepare stores the pool before the request.
func (v violation) prepare(t *testing.T, s scene) {
	t.Helper()
	if v.before != nil {
		s.whereabouts.store(t, v.before)
	}
}

// denials returns the findings for which the write is denied in a scene.
func (v violation) denials(s scene) []string {
	var findings []string
	for _, finding := range v.denied {
		findings = append(findings, strings.ReplaceAll(finding, "{namespace}", s.jane.namespace))
	}
	return findings
}

// write sends the request as c.
func (v violation) write(t *testing.T, c *client) answer {
	t.Helper()
	switch {
	case v.before == nil:
		return c.create(t, v.after)
	case v.after == nil:
		return request(t, func(ctx context.Context) error {
			return c.Delete(ctx, v.before.GetName(), metav1.DeleteOptions{})
		})
	default:
		return c.update(t, v.after)
	}
}

// asWarnings returns findings as warnings. They do not say that something is forbidden. A long warning ends in its rule at 256 bytes,
// at which the API server would cut it.
func asWarnings(findings ...string) []string {
	var warnings []string
	for _, finding := range findings {
		finding = strings.Replace(finding, ": Forbidden: ", ": ", 1)
		if len(finding) > 256 {
			end := "..." + finding[strings.LastIndex(finding, " (rule "):]
			finding = finding[:256-len(end)] + end
		}
		warnings = append(warnings, finding)
	}
	return warnings
}
