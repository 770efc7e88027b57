package rules_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ippool-webhook/webhook/ippool"
	"ippool-webhook/webhook/rules"
)

// ruleTest evaluates one rule on the JSON text of one pool.
type ruleTest struct {
	name string
	old  string // the pool before an update; empty for a pool that is created
	pool string
	// paths of the findings, in the order of reports. The paths of existing findings begin with "existing ".
	want []string
}

// testRule evaluates a rule with its default options.
func testRule(t *testing.T, id string, tests []ruleTest) {
	t.Helper()
	set := setOf(t, ruleOf(t, rules.Options{PodRefDuplicateScope: rules.ScopeInterface}, id))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			subject := subjectOf(t, test.old, test.pool)
			r := check(t, set, subject)
			var got []string
			for _, f := range r.New(0).Findings {
				got = append(got, string(f.AppendPath(nil, subject.Pool.Pool)))
			}
			for _, f := range r.Existing(0).Findings {
				got = append(got, "existing "+string(f.AppendPath(nil, subject.Pool.Pool)))
			}
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// testMessage compares the first finding of a rule with a message. old is empty for a pool that is created.
func testMessage(t *testing.T, id, old, pool, want string) {
	t.Helper()
	rule := ruleOf(t, rules.Options{PodRefDuplicateScope: rules.ScopeInterface}, id)
	subject := subjectOf(t, old, pool)
	r := check(t, setOf(t, rule), subject)
	if r.New(0).Count == 0 {
		t.Fatalf("%s has no new finding", id)
	}
	f := r.New(0).Findings[0]
	got := fmt.Sprintf("%s: %s", f.AppendPath(nil, subject.Pool.Pool), rule.AppendMessage(nil, subject, f))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
}

func subjectOf(t *testing.T, old, pool string) rules.Subject {
	t.Helper()
	subject := rules.Subject{Pool: parseObject(t, pool)}
	if old != "" {
		subject.Change = &ippool.Change{}
		subject.Change.Compare(parseObject(t, old), subject.Pool)
	}
	return subject
}

func check(t *testing.T, set *rules.Set, subject rules.Subject) *rules.Report {
	t.Helper()
	var r rules.Report
	var err error
	if subject.Change != nil {
		err = set.CheckUpdate(t.Context(), subject.Change, &r)
	} else {
		err = set.CheckPool(t.Context(), subject.Pool, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &r
}

// pool returns the text of a pool with allocations in 10.0.0.0/24.
func pool(allocations string) string { return poolOf("10.0.0.0/24", allocations) }

// poolOf returns the text of a pool with a range and allocations.
func poolOf(ipRange, allocations string) string {
	return fmt.Sprintf(`{"spec":{"range":%q,"allocations":{%s}}}`, ipRange, allocations)
}

// Allocations of three pods.
const (
	web0 = `{"id":"a","podref":"default/web-0","ifname":"net1"}`
	web1 = `{"id":"b","podref":"default/web-1","ifname":"net1"}`
	web2 = `{"id":"c","podref":"default/web-2","ifname":"net1"}`
)
