package e2e

import (
	"cmp"
	"fmt"
	"testing"
)

// TestCalls counts which writes of Whereabouts the webhook is asked about: not those that leave one entry less, as a pod that
// ends does, which then need not wait.
func TestCalls(t *testing.T) {
	web0, web1, web2, web3 := at("1", "default/web-0"), at("2", "default/web-1"), at("3", "default/web-2"), at("4", "default/web-3")
	for _, test := range []struct {
		name          string
		before, after []allocation // before is three entries unless given
		cidr          string
		want          float64
	}{
		{name: "a pod ends", after: []allocation{web0, web1}, want: 0},
		{name: "the last pod ends", before: []allocation{web0}, want: 0},
		{name: "a pod starts", after: []allocation{web0, web1, web2, web3}, want: 1},
		{name: "a sandbox is replaced", after: []allocation{web0, web1, web2.in(idPrefix)}, want: 1},
		{name: "two entries go", after: []allocation{web0}, want: 1},
		{name: "all entries go", after: nil, want: 1},
		{name: "an entry goes and another comes", after: []allocation{web0, web1, web3}, want: 1},
		{name: "an entry goes and the range changes", after: []allocation{web0, web1}, cidr: "10.0.1.0/24", want: 1},
		// The price of not looking at every entry.
		{name: "two entries go and one comes", after: []allocation{web0, web3}, want: 0},
		{name: "nothing changes", after: []allocation{web0, web1, web2}, want: 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			if test.before == nil {
				test.before = []allocation{web0, web1, web2}
			}
			s.whereabouts.store(t, newPool("10.0.0.0/24", test.before...))
			before := asked(t, "trusted")
			after := named(newPool(cmp.Or(test.cidr, "10.0.0.0/24"), test.after...), "10.0.0.0-24")
			if got := s.whereabouts.update(t, after); got.Status != nil {
				t.Fatalf("refused: %s", got.Status.Message)
			}
			expectSpec(t, s, after)
			if got := asked(t, "trusted") - before; got != test.want {
				t.Errorf("asked %v times, want %v", got, test.want)
			}
		})
	}
	t.Run("a person releases an entry", func(t *testing.T) {
		s := newScene(t)
		s.jane.store(t, newPool("10.0.0.0/24", web0, web1))
		before := asked(t, "ordinary")
		expect(t, s.jane.update(t, newPool("10.0.0.0/24", web0)), allowed())
		if got := asked(t, "ordinary") - before; got != 1 {
			t.Errorf("asked %v times, want once", got)
		}
	})
}

// asked returns how many updates of a kind of writer the webhook has answered.
func asked(t *testing.T, writer string) (sum float64) {
	t.Helper()
	samples := metrics(t)
	for _, decision := range []string{"allowed", "warned", "denied", "invalid"} {
		sum += samples[fmt.Sprintf(`ippool_webhook_admissions_total{decision=%q,operation="UPDATE",writer=%q}`, decision, writer)]
	}
	return sum
}
