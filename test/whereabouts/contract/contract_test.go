package contract

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ippool-webhook/test/golden"
	"ippool-webhook/test/whereabouts/cluster"
)

// row is a line of the table: the behaviour of the webhook, and the expected outcome.
type row struct {
	behaviour
	want outcome
}

// skipRows are about the default installation: the webhook does not affect Whereabouts.
func skipRows() []row {
	return []row{
		{answers(), outcome{Add: recorded().uncalled(), Del: released().uncalled()}},
		{isGone(), outcome{Add: recorded().uncalled(), Del: released().uncalled(), Rejected: true}},
		{hangs(), outcome{Add: recorded().uncalled(), Del: released().uncalled(), Rejected: true}},
		{answers500(), outcome{Add: recorded().uncalled(), Del: released().uncalled(), Rejected: true}},
	}
}

// observeRows are about the component whereabouts-observe: no outage loses an allocation.
func observeRows() []row {
	return []row{
		{allows(), outcome{Add: recorded(), Del: released()}},
		{warns(), outcome{Add: recorded(), Del: released()}},
		{isGone(), outcome{Add: recorded(), Del: released(), Rejected: true}},
		{hangs(), outcome{Add: recorded(), Del: released(), Rejected: true}},
		{answers500(), outcome{Add: recorded(), Del: released(), Rejected: true}},
	}
}

// enforceRows are about the component whereabouts-enforce, as far as it differs.
func enforceRows() []row {
	return []row{{denies(), outcome{Add: failed().retried(), Del: released()}}}
}

// forAllRows are about one webhook for all identities, with the defaults of Kubernetes.
func forAllRows() []row {
	return []row{
		{allowsAll(), outcome{Add: recorded(), Del: released()}},
		{denies(), outcome{Add: failed().retried(), Del: released()}},
		{isGone(), outcome{Add: unrecorded(), Del: leaked(), Rejected: true}},
		// The first request takes all the time that Whereabouts allows for an operation.
		{hangs(), outcome{Add: failed(), Del: leakedWithReservation(), Rejected: true}},
		{answers500(), outcome{Add: unrecorded(), Del: leaked(), Rejected: true}},
	}
}

// shortTimeoutRows are about the same webhook with a timeout that is short enough for Whereabouts to continue.
func shortTimeoutRows() []row {
	hangs := behaviour{"hangs, with `timeoutSeconds: 5`", hang, ""}
	return []row{{hangs, outcome{Add: unrecorded(), Del: leaked(), Rejected: true}}}
}

// otherWebhookRows are about other webhooks. They deny the removal of an allocation, which this webhook allows, or deny with
// code 403, which this webhook does not use.
func otherWebhookRows() []row {
	return []row{
		{deniesAll422(), outcome{Add: failed().retried(), Del: leakedWithReservation().retried(), Rejected: true}},
		{deniesAll403(), outcome{Add: unrecorded(), Del: leaked(), Rejected: true}},
	}
}

// Outcomes of an ADD.
func recorded() operation {
	return operation{Called: true, Succeeded: true, Recorded: true, Reserved: true}
}
func failed() operation     { return operation{Called: true} }
func unrecorded() operation { return operation{Called: true, Succeeded: true, Reserved: true} }

// Outcomes of a DEL, which always reports success.
func released() operation { return operation{Called: true, Succeeded: true} }
func leaked() operation   { return operation{Called: true, Succeeded: true, Recorded: true} }
func leakedWithReservation() operation {
	return operation{Called: true, Succeeded: true, Recorded: true, Reserved: true}
}

// uncalled returns the operation without a webhook call.
func (o operation) uncalled() operation {
	o.Called = false
	return o
}

// retried returns the operation with more than one request.
func (o operation) retried() operation {
	o.Retried = true
	return o
}

// TestContract measures every row, and compares the tables of docs/outages.md with the results.
func TestContract(t *testing.T) {
	network := cluster.Network{Range: "10.0.0.0/24"}
	skip := rows(t, "Skip", skipRows(), network)
	var observe, enforce, forAll []string
	t.Run("observe", func(t *testing.T) {
		configure(t, "whereabouts-observe")
		observe = rows(t, "Observe", observeRows(), network)
	})
	t.Run("enforce", func(t *testing.T) {
		configure(t, "whereabouts-enforce")
		enforce = rows(t, "Enforce", enforceRows(), network)
	})
	t.Run("for all, 5 s", func(t *testing.T) {
		configureForAll(t, new(int32(5)))
		forAll = rows(t, "", shortTimeoutRows(), network)
	})
	t.Run("for all", func(t *testing.T) {
		configureForAll(t, nil)
		forAll = slices.Concat(rows(t, "", forAllRows(), network), forAll, rows(t, "", otherWebhookRows(), network))
	})
	modes := slices.Concat(skip, observe, enforce)
	if len(modes) != len(skipRows())+len(observeRows())+len(enforceRows()) ||
		len(forAll) != len(forAllRows())+len(otherWebhookRows())+len(shortTimeoutRows()) {
		return // the tables are complete only if all tests were run and have passed
	}
	outages := suite.Path("docs", "outages.md")
	golden.Section(t, outages, "outage, by mode", table(modes), maskFigures)
	golden.Section(t, outages, "outage, one webhook for all", table(forAll), maskFigures)
}

// rows measures rows in a mode for Whereabouts, and returns the successful rows as lines of a table.
func rows(t *testing.T, mode string, rows []row, network cluster.Network) []string {
	t.Helper()
	var lines []string
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			got := r.measure(t, network)
			if diff := cmp.Diff(r.want, got.outcome); diff != "" {
				t.Fatalf("outcome (-want +got):\n%s", diff)
			}
			r.expectShown(t)
			name := r.name
			if mode != "" {
				name = mode + ": " + name
			}
			lines = append(lines, got.line(name))
		})
	}
	return lines
}

// expectShown fails the test unless the webhook has behaved as the row requires.
func (r row) expectShown(t *testing.T) {
	t.Helper()
	if r.shows == "" {
		return
	}
	samples, err := suite.Webhook.Metrics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if samples[r.shows] == 0 {
		t.Errorf("%s is 0", r.shows)
	}
}

func table(lines []string) string {
	return "| the webhook | ADD | recorded / reserved after ADD | DEL | recorded / reserved after DEL | write of a user |\n" +
		"|---|---|---|---|---|---|\n" + strings.Join(lines, "\n")
}
