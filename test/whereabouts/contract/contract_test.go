package contract

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ippool-webhook/test/golden"
	"ippool-webhook/test/whereabouts/cluster"
)

// row is a line of the table: what the webhook does, and what must come of it.
type row struct {
	behaviour
	want outcome
}

// shippedRows are those of the configuration as it ships: no outage costs a pod its record or lets a person write, and a pod
// that ends waits for no webhook.
func shippedRows() []row {
	return []row{
		{allows(), outcome{Add: recorded(), Del: spared()}},
		{warns(), outcome{Add: recorded(), Del: spared()}},
		{deniesAndJudgesReleases(), outcome{Add: failed().again(), Del: released()}},
		{isGone(), outcome{Add: recorded(), Del: spared(), Refused: true}},
		{hangs(), outcome{Add: recorded(), Del: spared(), Refused: true}},
		{answers500(), outcome{Add: recorded(), Del: spared(), Refused: true}},
	}
}

// forAllRows are those of one entry for all writers, with the defaults of Kubernetes.
func forAllRows() []row {
	return []row{
		{allows(), outcome{Add: recorded(), Del: released()}},
		{warns(), outcome{Add: recorded(), Del: released()}},
		{denies(), outcome{Add: failed().again(), Del: released()}},
		{isGone(), outcome{Add: unrecorded(), Del: leaked(), Refused: true}},
		// The time that Whereabouts gives itself for all of an operation is over with the first write.
		{hangs(), outcome{Add: failed(), Del: leakedWhole(), Refused: true}},
		{answers500(), outcome{Add: unrecorded(), Del: leaked(), Refused: true}},
	}
}

// impatientRows are those of the same entry with a timeout that leaves Whereabouts time to go on.
func impatientRows() []row {
	hangs := behaviour{"hangs, with `timeoutSeconds: 5`", hang, ""}
	return []row{{hangs, outcome{Add: unrecorded(), Del: leaked(), Refused: true}}}
}

// foreignRows are those of webhooks that refuse what this one does not: the removal of an entry, and with 403.
func foreignRows() []row {
	return []row{
		{deniesAll422(), outcome{Add: failed().again(), Del: leakedWhole().again(), Refused: true}},
		{deniesAll403(), outcome{Add: unrecorded(), Del: leaked(), Refused: true}},
	}
}

// What may come of an ADD, about which the webhook is always asked.
func recorded() operation {
	return operation{Asked: true, Succeeded: true, Recorded: true, Reserved: true}
}
func failed() operation     { return operation{Asked: true} }
func unrecorded() operation { return operation{Asked: true, Succeeded: true, Reserved: true} }

// What may come of a DEL, which always says that it has succeeded. Where it is spared, the webhook is not asked.
func spared() operation   { return operation{Succeeded: true} }
func released() operation { return operation{Asked: true, Succeeded: true} }
func leaked() operation   { return operation{Asked: true, Succeeded: true, Recorded: true} }
func leakedWhole() operation {
	return operation{Asked: true, Succeeded: true, Recorded: true, Reserved: true}
}

func (o operation) again() operation {
	o.Retried = true
	return o
}

// TestContract measures every row, and holds the README's tables against what it finds.
func TestContract(t *testing.T) {
	network := cluster.Network{Range: "10.0.0.0/24"}
	shipped := rows(t, "shipped", shippedRows(), network)
	var forAll []string
	t.Run("for all, 5 s", func(t *testing.T) {
		configureForAll(t, new(int32(5)))
		forAll = rows(t, "own", impatientRows(), network)
	})
	t.Run("for all", func(t *testing.T) {
		configureForAll(t, nil)
		forAll = slices.Concat(rows(t, "own", forAllRows(), network), forAll, rows(t, "foreign", foreignRows(), network))
	})
	if len(shipped) != len(shippedRows()) || len(forAll) != len(forAllRows())+len(foreignRows())+len(impatientRows()) {
		return // only some of the tests were run, or have failed
	}
	readme := suite.Path("README.md")
	golden.Section(t, readme, "outage, as shipped", table(shipped), maskFigures)
	golden.Section(t, readme, "outage, one entry for all", table(forAll), maskFigures)
}

// rows measures rows, and returns those that are as they must be as lines of a table.
func rows(t *testing.T, name string, rows []row, network cluster.Network) []string {
	t.Helper()
	var lines []string
	for _, r := range rows {
		t.Run(name+"/"+r.name, func(t *testing.T) {
			got := r.measure(t, network)
			if diff := cmp.Diff(r.want, got.outcome); diff != "" {
				t.Fatalf("outcome (-want +got):\n%s", diff)
			}
			r.expectShown(t)
			lines = append(lines, got.line(r.name))
		})
	}
	return lines
}

// expectShown fails the test unless the webhook has done what the row is about.
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
	return "| the webhook | ADD | recorded / reserved then | DEL | recorded / reserved then | a person's write |\n" +
		"|---|---|---|---|---|---|\n" + strings.Join(lines, "\n")
}
