package rules_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ippool-webhook/webhook/codec"
	"ippool-webhook/webhook/ippool"
	"ippool-webhook/webhook/rules"
)

// TestAll holds the names and the actions that users rely on.
func TestAll(t *testing.T) {
	want := []string{
		"range-required Deny", "range-syntax Deny", "range-host-bits Deny", "range-immutable Deny", "range-too-small Warn",
		"offset-syntax Deny", "offset-alias Deny", "offset-out-of-range Deny", "offset-reserved Warn",
		"podref-syntax Deny", "podref-duplicate Deny", "podref-multi-interface Warn",
		"id-required Warn", "id-duplicate Warn", "ifname-syntax Warn", "name-mismatch Warn",
		"allocation-reassigned Deny", "allocation-moved Deny", "allocation-edited Warn", "bulk-release Warn", "pool-size Warn", "delete-in-use Deny",
		"field-type Deny", "unknown-field by fieldValidation", "duplicate-field by fieldValidation",
	}
	var got []string
	for _, rule := range all() {
		action := rule.Action.String()
		if rule.ByFieldValidation {
			action = "by fieldValidation"
		}
		got = append(got, rule.ID+" "+action)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

func TestEveryRuleFindsAndExplains(t *testing.T) {
	for _, rule := range all() {
		if rule.Pool == nil && rule.Allocations == nil && rule.Groups == nil && rule.Fields == nil && rule.Update == nil && rule.Delete == nil {
			t.Errorf("%s looks at nothing", rule.ID)
		}
		if rule.Detail == nil {
			t.Errorf("%s explains nothing", rule.ID)
		}
	}
}

func TestDocs(t *testing.T) {
	for _, rule := range all() {
		t.Run(rule.ID, func(t *testing.T) {
			for part, text := range map[string]string{"Summary": rule.Docs.Summary, "Why": rule.Docs.Why, "Fix": rule.Docs.Fix} {
				if len(text) < 20 || !strings.HasSuffix(text, ".") || strings.Contains(text, "\n") || strings.Contains(text, "  ") {
					t.Errorf("%s is %q, want sentences on one line", part, text)
				}
			}
		})
	}
}

// TestEveryRuleHasFiles checks that a reader finds a rule and its test by the rule's ID.
func TestEveryRuleHasFiles(t *testing.T) {
	for _, rule := range all() {
		file := strings.ReplaceAll(rule.ID, "-", "_")
		for _, name := range []string{file + ".go", file + "_test.go"} {
			if _, err := os.Stat(name); err != nil {
				t.Errorf("rule %s: %v", rule.ID, err)
			}
		}
	}
}

func TestNewSet(t *testing.T) {
	many := func(n int) []rules.Rule {
		var made []rules.Rule
		for i := range n {
			made = append(made, rules.Rule{ID: "rule-" + strconv.Itoa(i)})
		}
		return made
	}
	for _, test := range []struct {
		name  string
		rules []rules.Rule
		want  string
	}{
		{"none", nil, ""},
		{"every rule", all(), ""},
		{"64 rules", many(64), ""},
		{"65 rules", many(65), "65 rules: must be at most 64"},
		{"one ID twice", append(many(3), rules.Rule{ID: "rule-1"}), `two rules have the ID "rule-1"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			set, err := rules.NewSet(test.rules)
			if got := errorText(err); got != test.want {
				t.Fatalf("error %q, want %q", got, test.want)
			}
			if err == nil && len(set.Rules()) != len(test.rules) {
				t.Errorf("the set has %d rules, want %d", len(set.Rules()), len(test.rules))
			}
		})
	}
}

// TestSetNumbersFindings checks that a finding leads to the rule that made it, whatever was looked at.
func TestSetNumbersFindings(t *testing.T) {
	p, old := parse(t, `"3":{"podref":"x"}`), parse(t, `"3":{"podref":"y"}`)
	finds := func(id string) rules.Rule {
		return rules.Rule{
			ID: id,
			Pool: func(*ippool.Pool) (rules.Finding, bool) {
				return rules.Finding{Field: rules.FieldSpec, Item: -1, Conflict: -1, Old: -1}, true
			},
			Allocations: func(_ *ippool.Pool, r *rules.Report) { r.AddAllocation(rules.FieldPodRef, rules.Required, 0) },
			Update:      func(_ *ippool.Change, r *rules.Report) { r.AddChange(rules.FieldPodRef, rules.Invalid, 0, 0) },
			Delete: func(_ *ippool.Pool, r *rules.Report) {
				r.Add(rules.Finding{Field: rules.FieldAllocations, Item: -1, Conflict: -1, Old: -1})
			},
		}
	}
	set := setOf(t, rules.Rule{ID: "silent"}, finds("first"), rules.Rule{ID: "silent too"}, finds("second"))
	var c ippool.Change
	c.Compare(old, p)
	whole := rules.Finding{Field: rules.FieldSpec, Item: -1, Conflict: -1, Old: -1}
	allocation := rules.Finding{Field: rules.FieldPodRef, Kind: rules.Required, Conflict: -1, Old: -1}
	changed := rules.Finding{Field: rules.FieldPodRef, Conflict: -1}
	for _, test := range []struct {
		name          string
		check         func(r *rules.Report) error
		new, existing []rules.Finding
	}{
		{"pool", func(r *rules.Report) error { return set.CheckPool(t.Context(), p, r) }, []rules.Finding{whole, allocation}, nil},
		{"update", func(r *rules.Report) error { return set.CheckUpdate(t.Context(), &c, r) }, []rules.Finding{allocation, changed}, []rules.Finding{whole}},
		{"delete", func(r *rules.Report) error { return set.CheckDelete(t.Context(), p, r) }, []rules.Finding{{Field: rules.FieldAllocations, Item: -1, Conflict: -1, Old: -1}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var r rules.Report
			if err := set.CheckPool(t.Context(), p, &r); err != nil { // the report must not keep these findings
				t.Fatal(err)
			}
			if err := test.check(&r); err != nil {
				t.Fatal(err)
			}
			for place, id := range []string{"silent", "first", "silent too", "second"} {
				var wantNew, wantExisting []rules.Finding
				if place%2 == 1 {
					wantNew, wantExisting = numbered(test.new, place), numbered(test.existing, place)
				}
				if diff := cmp.Diff(wantNew, r.New(place).Findings, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("new findings of %s (-want +got):\n%s", id, diff)
				}
				if diff := cmp.Diff(wantExisting, r.Existing(place).Findings, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("existing findings of %s (-want +got):\n%s", id, diff)
				}
				if set.Rules()[place].ID != id {
					t.Errorf("rule %d is %s", place, set.Rules()[place].ID)
				}
			}
		})
	}
}

func numbered(findings []rules.Finding, rule int) []rules.Finding {
	var list []rules.Finding
	for _, f := range findings {
		f.Rule = int8(rule)
		list = append(list, f)
	}
	return list
}

// TestReportIsBounded gives more findings than are kept, in an order that is not that of reports: the first in reports are
// kept, and all are counted.
func TestReportIsBounded(t *testing.T) {
	var allocations []string
	for i := range 1000 {
		allocations = append(allocations, fmt.Sprintf(`"%d":{}`, (i*7919)%1000))
	}
	p := parse(t, strings.Join(allocations, ","))
	set := setOf(t, ruleOf(t, rules.Options{}, "id-required"))
	var r rules.Report
	if err := set.CheckPool(t.Context(), p, &r); err != nil {
		t.Fatal(err)
	}
	if count, kept := r.New(0).Count, len(r.New(0).Findings); count != 1000 || kept != 100 {
		t.Fatalf("%d findings counted and %d kept, want 1000 and 100", count, kept)
	}
	for i, f := range r.New(0).Findings {
		if key := p.Allocations[f.Item].Key; key != strconv.Itoa(i) {
			t.Fatalf("finding %d is about allocation %s", i, key)
		}
	}
}

// TestChecksStop evaluates rules with a context that ends while they are.
func TestChecksStop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	set := setOf(t,
		rules.Rule{ID: "first", Pool: func(*ippool.Pool) (rules.Finding, bool) { cancel(); return rules.Finding{}, false }},
		rules.Rule{ID: "second", Pool: func(*ippool.Pool) (rules.Finding, bool) {
			t.Error("the second rule is evaluated")
			return rules.Finding{}, false
		}},
	)
	var r rules.Report
	if err := set.CheckPool(ctx, parse(t, ""), &r); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestParseAction(t *testing.T) {
	for action, text := range map[rules.Action]string{rules.Off: "Off", rules.Audit: "Audit", rules.Warn: "Warn", rules.Deny: "Deny"} {
		if got := action.String(); got != text {
			t.Errorf("action %s has the name %s", text, got)
		}
		if got, ok := rules.ParseAction(text); !ok || got != action {
			t.Errorf("%s parses as %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "deny", "DENY", "Deny ", "Block"} {
		if got, ok := rules.ParseAction(text); ok {
			t.Errorf("%q parses as %v", text, got)
		}
	}
	if rules.Off >= rules.Audit || rules.Audit >= rules.Warn || rules.Warn >= rules.Deny {
		t.Error("the actions are not in the order of their strictness")
	}
}

// TestCompare sorts findings that rules make in their own order.
func TestCompare(t *testing.T) {
	p := parse(t, `"10":{"id":"","podref":"","zeta":1,"id":""},"9":{"podref":"","alpha":1},"+1":{"podref":"default/web-0","ifname":"a/b"}`)
	set := setOf(t, all()...)
	findings := []rules.Finding{{Field: rules.FieldName, Item: -1, Conflict: -1, Old: -1}, {Field: rules.FieldSpec, Item: -1, Conflict: -1, Old: -1}, {Field: rules.FieldAllocations, Item: -1, Conflict: -1, Old: -1}}
	findings = append(findings, findingsOf(t, set, p)...)
	slices.Reverse(findings)
	slices.SortStableFunc(findings, func(a, b rules.Finding) int { return rules.Compare(p.Pool, a, b) })
	var got []string
	for _, f := range findings {
		path := string(f.AppendPath(nil, p.Pool))
		if allocation, _, ok := strings.Cut(path, "]"); ok {
			path = allocation + "]"
		}
		got = append(got, path)
	}
	want := []string{
		"spec", "spec.range", "metadata.name", "spec.allocations",
		"spec.allocations[+1]", "spec.allocations[9]", "spec.allocations[10]",
		"spec.allocations.10.id", "spec.allocations.10.zeta", "spec.allocations.9.alpha",
	}
	if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// all returns the rules by the defaults of the configuration.
func all() []rules.Rule {
	return rules.All(rules.Options{PodRefDuplicateScope: rules.ScopeInterface})
}

func ruleOf(t *testing.T, o rules.Options, id string) rules.Rule {
	t.Helper()
	for _, rule := range rules.All(o) {
		if rule.ID == id {
			return rule
		}
	}
	t.Fatalf("no rule is called %s", id)
	return rules.Rule{}
}

func setOf(t *testing.T, list ...rules.Rule) *rules.Set {
	t.Helper()
	set, err := rules.NewSet(list)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// messages returns the findings about a pool as it stands, each with its path.
func messages(t *testing.T, set *rules.Set, p *ippool.IndexedPool) []string {
	t.Helper()
	var told []string
	for _, f := range findingsOf(t, set, p) {
		told = append(told, fmt.Sprintf("%s: %s", f.AppendPath(nil, p.Pool), set.Rule(f).AppendMessage(nil, rules.Subject{Pool: p}, f)))
	}
	return told
}

// findingsOf returns the findings about a pool as it stands, in the order of the rules.
func findingsOf(t *testing.T, set *rules.Set, p *ippool.IndexedPool) []rules.Finding {
	t.Helper()
	var report rules.Report
	if err := set.CheckPool(t.Context(), p, &report); err != nil {
		t.Fatal(err)
	}
	var findings []rules.Finding
	for place := range set.Rules() {
		findings = append(findings, report.New(place).Findings...)
	}
	return findings
}

// parse returns a pool with these allocations.
func parse(t *testing.T, allocations string) *ippool.IndexedPool {
	t.Helper()
	return parseObject(t, `{"metadata":{"name":"10.0.0.0-24"},"spec":{"range":"10.0.0.5/24","allocations":{`+allocations+`}}}`)
}

func parseObject(t *testing.T, text string) *ippool.IndexedPool {
	t.Helper()
	p, err := codec.Parse([]byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return index(p)
}

func index(p *ippool.Pool) *ippool.IndexedPool {
	var x ippool.IndexedPool
	x.Index(p)
	return &x
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
