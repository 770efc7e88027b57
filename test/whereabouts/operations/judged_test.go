package operations

import (
	"fmt"
	"strings"
	"testing"

	"ippool-webhook/test/whereabouts/cluster"
)

// progress is how far things were.
type progress struct {
	added, released int64 // in the ledger
	calls           cluster.Calls
}

// expectNoDenials expects that the webhook has judged what Whereabouts has written since restart, under this policy, and has
// refused none. As shipped, it has not even warned but by these rules.
func expectNoDenials(t *testing.T, policy string, warned ...string) {
	t.Helper()
	samples := webhookMetrics(t)
	for name, value := range samples {
		if isAdmission(name) && value > 0 && (strings.Contains(name, `decision="denied"`) || strings.Contains(name, `decision="invalid"`)) {
			t.Errorf("%s is %v, want none", name, value)
		}
	}
	expectJudged(t, samples, policy)
	expectAnswered(t)
	if policy == shipped {
		expectWarnings(t, samples, warned)
	}
}

// isAdmission reports whether a sample counts writes of Whereabouts.
func isAdmission(name string) bool {
	return strings.HasPrefix(name, "ippool_webhook_admissions_total{") && strings.Contains(name, `writer="trusted"`)
}

// expectJudged expects that the webhook has been asked about each entry that came, and unless releases are spared, about each
// that went.
func expectJudged(t *testing.T, samples map[string]float64, policy string) {
	t.Helper()
	judged, least := int64(0), suite.added.Load()-suite.before.added
	if policy == full {
		least += suite.released.Load() - suite.before.released
	}
	for name, value := range samples {
		if isAdmission(name) {
			judged += int64(value)
		}
	}
	if judged < least {
		t.Errorf("%d writes were judged, of at least %d: the webhook was not in the path", judged, least)
	}
}

// expectAnswered expects that the API server has let no write pass or fail for itself. A DEL would say of neither.
func expectAnswered(t *testing.T) {
	t.Helper()
	if calls := now(t).calls.Since(suite.before.calls); calls.FailedOpen+calls.Rejected > 0 {
		suite.refused.Add(int64(calls.FailedOpen + calls.Rejected))
		t.Errorf("of %d calls of the webhook, %d had no answer and %d ended with a refusal, want none", calls.Made, calls.FailedOpen, calls.Rejected)
	}
}

// expectWarnings expects that these rules have warned of writes of Whereabouts, and no other.
func expectWarnings(t *testing.T, samples map[string]float64, want []string) {
	t.Helper()
	var got []string
	for name := range samples {
		rule, isWarning := strings.CutPrefix(name, `ippool_webhook_findings_total{action="Warn",rule="`)
		rule, isTrusted := strings.CutSuffix(rule, `",writer="trusted"}`)
		if isWarning && isTrusted && samples[name] > 0 {
			got = append(got, rule)
		}
	}
	expectSame(t, "rules that have warned", got, want)
}

// expectFound expects that a rule has found something in a write of Whereabouts since restart, and what was done about it.
func expectFound(t *testing.T, action, rule string) {
	t.Helper()
	name := fmt.Sprintf(`ippool_webhook_findings_total{action=%q,rule=%q,writer="trusted"}`, action, rule)
	if webhookMetrics(t)[name] == 0 {
		t.Errorf("%s is 0", name)
	}
}

// now returns how far things are.
func now(t *testing.T) progress {
	t.Helper()
	calls, err := suite.Calls(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return progress{suite.added.Load(), suite.released.Load(), calls}
}

// webhookMetrics returns what the webhook has counted since restart.
func webhookMetrics(t *testing.T) map[string]float64 {
	t.Helper()
	samples, err := suite.Webhook.Metrics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return samples
}
