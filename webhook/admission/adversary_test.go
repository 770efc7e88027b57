package admission_test

import (
	"fmt"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"

	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/policy"
)

// TestHugeInputsAreValidated gives large inputs, for which an algorithm that takes the square of their size would not end.
func TestHugeInputsAreValidated(t *testing.T) {
	t.Parallel()
	const n = 100_000
	many := func(format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	long := strings.Repeat("k", 1<<20)
	for _, test := range []struct{ name, allocations string }{
		{"one key, mistyped, again and again", strings.Repeat(`"1":5,`, n) + `"1":{"id":"",` + strings.Repeat(`"id":"",`, n) + `"id":""}`},
		{"many unknown fields below a long key", `"` + long + `":{` + many(`"u%d":1,`) + `"id":""}`},
		{"many duplicate fields below a long key", `"` + long + `":{` + strings.Repeat(`"id":"",`, n) + `"id":""}`},
		{"many fields below a long unknown one", `"1":{"` + long + `":{"` + long + `":{` + many(`"u%d":{},`) + `"id":""}}}`},
		{"nested deep below long names", `"1":{"u":` + strings.Repeat(`{"`+strings.Repeat("n", 300)+`":`, 9000) + `1` + strings.Repeat("}", 9000) + `}`},
		{"one unknown field of one key, again and again", strings.Repeat(`"1":{"x":1},`, n) + `"1":{"x":1}`},
		{"one pod on many interfaces", strings.TrimSuffix(many(`"%d":{"id":"i","podref":"ns/a","ifname":"n"},`), ",")},
		{"one offset with many keys", strings.TrimSuffix(keysOfOneOffset(3000), ",")},
	} {
		t.Run(test.name, func(t *testing.T) {
			object := poolHead + `"allocations":{` + test.allocations + `}}}`
			for _, old := range []string{"", object} {
				operation := admissionv1.Create
				if old != "" {
					operation = admissionv1.Update
				}
				w := evaluateStrictly(t, newEvaluator(t, policy.Default()), admission.Enforce, operation, object, old)
				if answer := wire(w); len(answer) > 1<<20 {
					t.Errorf("answered with %d bytes", len(answer))
				}
			}
		})
	}
}

func keysOfOneOffset(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"%s5":{"id":"i","podref":"ns/a"},`, strings.Repeat("0", i))
	}
	return b.String()
}
