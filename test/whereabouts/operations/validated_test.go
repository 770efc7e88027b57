package operations

import (
	"fmt"
	"strings"
	"testing"

	"ippool-webhook/test/whereabouts/cluster"
)

// progress has the numbers of operations and of webhook calls at one moment.
type progress struct {
	added, released int64 // in the ledger
	calls           cluster.Calls
}

// expectNoDenials expects that the webhook has validated the requests of Whereabouts in the mode since restart, and has denied
// none. In observe mode, exactly the rules in warned must have warned.
func expectNoDenials(t *testing.T, m mode, warned ...string) {
	t.Helper()
	samples := webhookMetrics(t)
	for name, value := range samples {
		if isAdmission(name) && value > 0 && (strings.Contains(name, `decision="denied"`) || strings.Contains(name, `decision="invalid"`)) {
			t.Errorf("%s is %v, want none", name, value)
		}
	}
	expectValidated(t, samples, m)
	expectAnswered(t)
	if m == observe {
		expectWarnings(t, samples, warned)
	}
}

// isAdmission reports whether a sample counts validated requests.
func isAdmission(name string) bool {
	return strings.HasPrefix(name, "ippool_webhook_admissions_total{") && !strings.Contains(name, `mode="normalize"`)
}

// expectValidated expects a webhook call for each allocation that was added or removed. In the mode skip it expects no call,
// neither in the counts of the webhook nor in those of the API server.
func expectValidated(t *testing.T, samples map[string]float64, m mode) {
	t.Helper()
	validated := int64(0)
	for name, value := range samples {
		if isAdmission(name) {
			validated += int64(value)
		}
	}
	if m == skip {
		if calls := now(t).calls.Since(suite.before.calls).Made; calls > 0 || validated > 0 {
			t.Errorf("%d webhook calls, %d requests validated, want none", calls, validated)
		}
		return
	}
	least := suite.added.Load() - suite.before.added + suite.released.Load() - suite.before.released
	if validated < least {
		t.Errorf("%d requests were validated, want at least %d", validated, least)
	}
}

// expectAnswered expects that no webhook call has failed. A DEL would report success even if its request were rejected.
func expectAnswered(t *testing.T) {
	t.Helper()
	if calls := now(t).calls.Since(suite.before.calls); calls.FailedOpen+calls.Rejected > 0 {
		suite.denied.Add(int64(calls.FailedOpen + calls.Rejected))
		t.Errorf("%d webhook calls: %d without an answer, %d rejected, want only answered and allowed calls", calls.Made, calls.FailedOpen, calls.Rejected)
	}
}

// expectWarnings expects that exactly these rules have warned about requests of Whereabouts.
func expectWarnings(t *testing.T, samples map[string]float64, want []string) {
	t.Helper()
	var got []string
	for name := range samples {
		rule, isWarning := strings.CutPrefix(name, `ippool_webhook_findings_total{action="Warn",mode="observe",rule="`)
		rule, isObserved := strings.CutSuffix(rule, `"}`)
		if isWarning && isObserved && samples[name] > 0 {
			got = append(got, rule)
		}
	}
	expectSame(t, "rules that have warned", got, want)
}

// expectFound expects a finding of a rule in a request of Whereabouts since restart, with an action in a mode.
func expectFound(t *testing.T, action, mode, rule string) {
	t.Helper()
	name := fmt.Sprintf(`ippool_webhook_findings_total{action=%q,mode=%q,rule=%q}`, action, mode, rule)
	if webhookMetrics(t)[name] == 0 {
		t.Errorf("%s is 0", name)
	}
}

// now returns the progress.
func now(t *testing.T) progress {
	t.Helper()
	calls, err := suite.Calls(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return progress{suite.added.Load(), suite.released.Load(), calls}
}

// webhookMetrics returns the counters of the webhook since restart.
func webhookMetrics(t *testing.T) map[string]float64 {
	t.Helper()
	samples, err := suite.Webhook.Metrics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return samples
}
