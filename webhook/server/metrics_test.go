package server_test

import (
	"testing"

	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
)

// TestCountersStartAtZero checks that every counter exists and is 0 before the first request. If a counter started at 1, an alert on
// its increase would miss the first event.
func TestCountersStartAtZero(t *testing.T) {
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
				t.Errorf("%s starts at %v, want 0", family.GetName(), value)
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
