package rules_test

import (
	"context"
	"fmt"

	"ippool-webhook/webhook/ippool"
	"ippool-webhook/webhook/rules"
)

// A set of rules validates a pool. A report has the findings of each rule by the place of the rule in the set.
func ExampleSet_CheckPool() {
	set, err := rules.NewSet(rules.All(rules.Options{}))
	if err != nil {
		fmt.Println(err)
		return
	}
	p := &ippool.Pool{Name: "10.0.0.0-24", HasSpec: true, HasAllocations: true}
	p.SetRange("10.0.0.0/24")
	*p.Add("300") = ippool.Allocation{Key: "300", Offset: ippool.ParseOffset("300"), ID: "1f0c6a", PodRef: "web-0"}
	var pool ippool.IndexedPool
	pool.Index(p)

	var report rules.Report
	if err := set.CheckPool(context.Background(), &pool, &report); err != nil {
		fmt.Println(err)
		return
	}
	for i, rule := range set.Rules() {
		for _, f := range report.New(i).Findings {
			fmt.Printf("%s %s: %s\n", rule.Action, f.AppendPath(nil, p), rule.AppendMessage(nil, rules.Subject{Pool: &pool}, f))
		}
	}
	// Output:
	// Deny spec.allocations[300]: Invalid value: "300": must be at most 255, the last offset that Whereabouts can use in 10.0.0.0/24 (rule offset-out-of-range)
	// Deny spec.allocations[300].podref: Invalid value: "web-0": must be <namespace>/<pod name>, such as default/web-0 (rule podref-syntax)
}

// The documentation of a rule says what the rule finds, why that matters to Whereabouts, and how to correct a finding.
func ExampleAll() {
	for _, rule := range rules.All(rules.Options{})[:2] {
		fmt.Printf("%s (%s): %s\n", rule.ID, rule.Action, rule.Docs.Summary)
	}
	// Output:
	// range-required (Deny): spec or spec.range is missing or empty.
	// range-syntax (Deny): The range is not a CIDR, or has an IPv6 zone, surrounding white space or an IPv4-mapped IPv6 address.
}
