package conformance

import (
	"strings"
	"testing"
)

// TestDryRunOfWrites checks that a dry run is validated, warned about and normalized like the request itself, and stores
// nothing.
func TestDryRunOfWrites(t *testing.T) {
	with := func(key string) string {
		return `{"range": "10.0.0.0/24", "allocations": {"` + key + `": ` + web0 + `}}`
	}
	for _, w := range writes() {
		t.Run(w.name, func(t *testing.T) {
			run(t, []row{
				{name: "denied", before: w.before, request: w.request(with("300"), "dryRun=All"), want: denied(outOfRange())},
				{name: "warned and normalized", before: w.before, request: w.request(with("00"), "dryRun=All"), want: w.success(pool(with("0")), stored("00", "0"), reserved)},
				{name: "another value", before: w.before, request: w.request(with("1"), "dryRun=None"),
					want: invalidOptions(w.options, unsupportedValue("dryRun", `["None"]: supported values: "All"`))},
			})
		})
	}
}

// TestDryRunOfDelete checks the same for deletions.
func TestDryRunOfDelete(t *testing.T) {
	unsupported := invalidOptions("DeleteOptions", unsupportedValue("dryRun", `["None"]: supported values: "All"`))
	run(t, []row{
		{name: "pool in use", before: []string{pool(inUse)}, request: remove(onePool, "dryRun=All"), want: denied(stillInUse(annotate(poolName)))},
		{name: "empty pool", before: []string{pool(empty)}, request: remove(onePool, "dryRun=All"), want: deleted()},
		{name: "empty pool, by the body", before: []string{pool(empty)}, request: removeWith(`"dryRun": ["All"]`), want: deleted()},
		{name: "another value", before: []string{pool(empty)}, request: remove(onePool, "dryRun=None"), want: unsupported},
		{name: "another value in the body", before: []string{pool(empty)}, request: removeWith(`"dryRun": ["None"]`), want: unsupported},
		{name: "collection with a pool in use", before: []string{pool(inUse), otherPool(`{}`)}, request: remove(pools, "dryRun=All"), want: denied(stillInUse(annotate(poolName)))},
		{name: "collection of empty pools", before: []string{pool(empty), otherPool(`{}`)}, request: remove(pools, "dryRun=All"),
			want: ok(list(pool(empty), otherPool(`{}`)))},
		{name: "collection, another value", before: []string{pool(empty)}, request: remove(pools, "dryRun=None"), want: unsupported},
	})
}

// TestDryRunValues checks that All is the only valid value.
func TestDryRunValues(t *testing.T) {
	for _, values := range [][]string{{""}, {"all"}, {"true"}, {"false"}, {"All,All"}, {"All", "None"}} {
		query := "dryRun=" + strings.Join(values, "&dryRun=")
		quoted := `["` + strings.Join(values, `","`) + `"]`
		run(t, []row{{name: query, request: post(pool(empty), query),
			want: invalidOptions("CreateOptions", unsupportedValue("dryRun", quoted+`: supported values: "All"`))}})
	}
	run(t, []row{{name: "dryRun=All&dryRun=All", request: post(pool(empty), "dryRun=All", "dryRun=All"), want: created(pool(empty))}})
}
