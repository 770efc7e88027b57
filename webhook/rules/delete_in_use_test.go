package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ippool-webhook/webhook/rules"
)

func TestDeleteInUse(t *testing.T) {
	const format = `{"metadata":{"annotations":{"ippool-webhook/allow-delete":"true"}},"spec":{"allocations":{"5":` + web0 + `}}}`
	rule := ruleOf(t, rules.Options{}, "delete-in-use")
	for _, test := range []struct {
		name, pool string
		want       []string
	}{
		{"no allocations", pool(""), nil},
		{"no spec", `{}`, nil},
		{"allocations of a wrong type", `{"spec":{"allocations":[1,2]}}`, nil},
		{"annotated", format, nil},
		{"one allocation", pool(`"5":` + web0), []string{
			`the pool still has 1 allocation; to delete it all the same, annotate it with ippool-webhook/allow-delete: "true"`,
		}},
		{"allocations that cannot be read", pool(`"5":null,"x":7`), []string{
			`the pool still has 2 allocations; to delete it all the same, annotate it with ippool-webhook/allow-delete: "true"`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := parseObject(t, test.pool)
			var r rules.Report
			if err := setOf(t, rule).CheckDelete(t.Context(), p, &r); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range r.New(0).Findings {
				got = append(got, string(rule.Detail(nil, rules.Subject{Pool: p}, f)))
			}
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}
