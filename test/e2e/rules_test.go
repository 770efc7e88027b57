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

// TestEveryRuleIsTested fails where a rule is new and nothing here breaks it.
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

// TestEnforced is what jane reads when she breaks a rule. What is denied leaves no trace.
func TestEnforced(t *testing.T) {
	for _, v := range violations() {
		t.Run(v.String(), func(t *testing.T) {
			s := newScene(t)
			v.prepare(t, s)
			before := s.jane.read(t, v.pool())
			want := allowed(v.warned...)
			if len(v.denied) > 0 {
				want.Status = denied(usersWebhook, v.pool(), v.denied...).Status
			}
			expect(t, v.write(t, s.jane), want)
			if len(v.denied) > 0 {
				expectStored(t, s, v.pool(), before)
			}
		})
	}
}

// TestObserved makes the same requests as Whereabouts, in observe mode: they are stored unchanged, a denial becomes a warning, and
// of a warning the user sees nothing.
func TestObserved(t *testing.T) {
	for _, v := range violations() {
		t.Run(v.String(), func(t *testing.T) {
			s := newScene(t)
			v.prepare(t, s)
			expect(t, v.write(t, s.whereabouts), allowed(asWarnings(v.denied)...))
			if v.after == nil {
				expectStored(t, s, v.pool(), nil)
			} else {
				expectSpec(t, s, v.after)
			}
		})
	}
}

// TestManyFindings shows that an answer about a pool that is all wrong stays one that can be read.
func TestManyFindings(t *testing.T) {
	var entries []allocation
	var findings []string
	for i := 1; i <= 40; i++ {
		key := strconv.Itoa(i)
		entries = append(entries, at(key, "web-"+key).in(""))
		findings = append(findings, `spec.allocations[`+key+`].podref: Invalid value: "web-`+key+
			`": want the namespace and name of a pod, such as default/web-0 (rule podref-syntax)`)
	}
	want := denied(usersWebhook, "10.0.0.0-24", append(findings[:32:32], "spec: and 8 more findings")...)
	for i := 1; i <= 16; i++ {
		want.Warnings = append(want.Warnings, `spec.allocations[`+strconv.Itoa(i)+
			`].id: Required value: without a container id, Whereabouts cannot free the address when the pod goes (rule id-required)`)
	}
	want.Warnings = append(want.Warnings, "and 24 more warnings")
	expect(t, newScene(t).jane.create(t, newPool("10.0.0.0/24", entries...)), want)
}

// prepare stores what is there before the write.
func (v violation) prepare(t *testing.T, s scene) {
	t.Helper()
	if v.before != nil {
		s.whereabouts.store(t, v.before)
	}
}

// write makes the write as c.
func (v violation) write(t *testing.T, c *client) answer {
	t.Helper()
	switch {
	case v.before == nil:
		return c.create(t, v.after)
	case v.after == nil:
		return ask(t, func(ctx context.Context) error {
			return c.Delete(ctx, v.before.GetName(), metav1.DeleteOptions{})
		})
	default:
		return c.update(t, v.after)
	}
}

// asWarnings returns findings as warnings, which the API server would cut at 256 bytes: a long one loses its middle rather
// than the rule.
func asWarnings(findings []string) []string {
	var warnings []string
	for _, finding := range findings {
		if len(finding) > 256 {
			end := "..." + finding[strings.LastIndex(finding, " (rule "):]
			finding = finding[:256-len(end)] + end
		}
		warnings = append(warnings, finding)
	}
	return warnings
}
