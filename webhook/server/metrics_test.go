package server_test

import (
	"testing"

	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
)

// TestCountersBeginWithZero expects every counter to be there before there is anything to count: an alert on an increase would
// miss the first event of one that begins with 1.
func TestCountersBeginWithZero(t *testing.T) {
	registry := prometheus.NewRegistry()
	newHandlers(t, registry, logr.Discard())
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			if value := metric.GetCounter().GetValue(); value != 0 {
				t.Errorf("%s begins with %v", family.GetName(), value)
			}
			got[family.GetName()]++
		}
	}
	want := map[string]int{
		"ippool_webhook_admissions_total": 4 * 5 * 3,                            // operations, decisions, modes
		"ippool_webhook_findings_total":   len(newEvaluator(t).Rules()) * 3 * 2, // rules, actions, modes
		"ippool_webhook_pool_allocations": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
}
