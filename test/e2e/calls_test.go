package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// TestCalls counts the webhook calls for updates of Whereabouts: none in the default installation, and otherwise one for each
// update that changes the spec.
func TestCalls(t *testing.T) {
	t.Run("as shipped", func(t *testing.T) {
		configure(t)
		countCalls(t, 0)
	})
	t.Run("observe", func(t *testing.T) { countCalls(t, 1) })
	t.Run("enforce", func(t *testing.T) {
		configure(t, "whereabouts-enforce")
		countCalls(t, 1)
	})
}

// countCalls makes the updates of Whereabouts and expects this number of webhook calls for each update that changes the spec.
func countCalls(t *testing.T, want float64) {
	t.Helper()
	web0, web1, web2, web3 := at("1", "default/web-0"), at("2", "default/web-1"), at("3", "default/web-2"), at("4", "default/web-3")
	for _, test := range []struct {
		name  string
		after []allocation // there are three allocations before
		want  float64
	}{
		{"a pod starts", []allocation{web0, web1, web2, web3}, want},
		{"a pod ends", []allocation{web0, web1}, want},
		{"a sandbox is replaced", []allocation{web0, web1, web2.in(idPrefix)}, want},
		{"the clean-up releases all", nil, want},
		{"nothing changes", []allocation{web0, web1, web2}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			s.whereabouts.store(t, newPool("10.0.0.0/24", web0, web1, web2))
			before := calls(t)
			after := named(newPool("10.0.0.0/24", test.after...), "10.0.0.0-24")
			if got := s.whereabouts.update(t, after); got.Status != nil {
				t.Fatalf("denied: %s", got.Status.Message)
			}
			expectSpec(t, s, after)
			if got := calls(t) - before; got != test.want {
				t.Errorf("%v webhook calls, want %v", got, test.want)
			}
		})
	}
}

// calls returns how many updates the webhook has validated.
func calls(t *testing.T) (sum float64) {
	t.Helper()
	for sample, value := range metrics(t) {
		if strings.HasPrefix(sample, "ippool_webhook_admissions_total") && strings.Contains(sample, fmt.Sprintf("operation=%q", "UPDATE")) {
			sum += value
		}
	}
	return sum
}
