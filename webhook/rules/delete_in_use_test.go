package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ippool-webhook/webhook/rules"
)

func TestDeleteInUse(t *testing.T) {
	const format = `{"metadata":{"annotations":{"ippool-webhook/allow-delete":"true"}},"spec":{"allocations":{"5":` + web0 + `}}}`
	const annotate = `to delete the pool anyway: kubectl annotate ippool "" ippool-webhook/allow-delete=true`
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
			"1 allocation is in use (default/web-0); Whereabouts would assign its address to another pod; " + annotate,
		}},
		{"allocations that cannot be read", pool(`"5":null,"x":7`), []string{
			"2 allocations are in use; Whereabouts would assign their addresses to other pods; " + annotate,
		}},
		{"four pods", pool(`"5":` + web0 + `,"6":{"podref":"default/web-1"},"7":{},"8":{"podref":"default/web-2"},"10":{"podref":"default/web-1"},"9":{"podref":"default/web-3"}`), []string{
			"6 allocations are in use (default/web-0, default/web-1, default/web-2, ...); Whereabouts would assign their addresses to other pods; " +
				annotate,
		}},
		{
			"annotated with another value",
			`{"metadata":{"annotations":{"ippool-webhook/allow-delete":"yes"}},"spec":{"allocations":{"5":` + web0 + `}}}`,
			[]string{
				"1 allocation is in use (default/web-0); Whereabouts would assign its address to another pod; " +
					`the annotation ippool-webhook/allow-delete is "yes" and must be "true" to delete the pool anyway`,
			},
		},
		{
			"in a namespace", `{"metadata":{"name":"10.0.0.0-24","namespace":"kube-system"},"spec":{"allocations":{"5":` + web0 + `}}}`,
			[]string{
				"1 allocation is in use (default/web-0); Whereabouts would assign its address to another pod; to delete the pool anyway: " +
					"kubectl annotate ippool 10.0.0.0-24 -n kube-system ippool-webhook/allow-delete=true",
			},
		},
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
