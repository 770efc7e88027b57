package admission_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	admissionv1 "k8s.io/api/admission/v1"

	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/policy"
)

func TestNormalize(t *testing.T) {
	const allocation, other = `{"id":"a","podref":"ns/a"}`, `{"id":"b","podref":"ns/a"}`
	for _, test := range []struct {
		name      string
		operation admissionv1.Operation
		spec, old string // an object's spec; old is null where it is empty
		want      string
	}{
		{"nothing to normalize", admissionv1.Create, `{"range":"10.0.0.0/24","allocations":{"5":` + allocation + `}}`, "", ""},
		{"range in another form", admissionv1.Create, `{"range":"2001:DB8:0::/32","allocations":{}}`, "", `[{"op":"replace","path":"/spec/range","value":"2001:db8::/32"}]`},
		{"range trimmed", admissionv1.Create, `{"range":" 10.0.0.0/24\n","allocations":{}}`, "", `[{"op":"replace","path":"/spec/range","value":"10.0.0.0/24"}]`},
		{"host bits of an empty pool", admissionv1.Create, `{"range":"10.0.0.5/24","allocations":{}}`, "", `[{"op":"replace","path":"/spec/range","value":"10.0.0.0/24"}]`},
		{"host bits of a filled pool", admissionv1.Create, `{"range":"10.0.0.5/24","allocations":{"5":` + allocation + `}}`, "", ""},
		{"host bits of a filled pool, in another form", admissionv1.Create, `{"range":"2001:DB8::5/32","allocations":{"5":` + allocation + `}}`, "", `[{"op":"replace","path":"/spec/range","value":"2001:db8::5/32"}]`},
		{"malformed range", admissionv1.Create, `{"range":"10.0.0.0/33","allocations":{}}`, "", ""},
		{"mapped range", admissionv1.Create, `{"range":"::ffff:10.0.0.0/120","allocations":{}}`, "", ""},
		{"allocations absent", admissionv1.Create, `{"range":"10.0.0.0/24"}`, "", `[{"op":"add","path":"/spec/allocations","value":{}}]`},
		{"allocations null", admissionv1.Create, `{"range":"10.0.0.0/24","allocations":null}`, "", `[{"op":"add","path":"/spec/allocations","value":{}}]`},
		{"spec null", admissionv1.Create, `null`, "", ""},
		{"keys in another form", admissionv1.Create, `{"range":"10.0.0.0/24","allocations":{"05":` + allocation + `,"+6":` + allocation + `,"-0":` + allocation + `,"7":` + allocation + `}}`, "",
			`[{"op":"move","from":"/spec/allocations/05","path":"/spec/allocations/5"},{"op":"move","from":"/spec/allocations/+6","path":"/spec/allocations/6"},{"op":"move","from":"/spec/allocations/-0","path":"/spec/allocations/0"}]`},
		{"key beside the canonical one of the same owner", admissionv1.Create, `{"range":"10.0.0.0/24","allocations":{"05":` + allocation + `,"5":` + allocation + `}}`, "", `[{"op":"remove","path":"/spec/allocations/05"}]`},
		{"key beside the canonical one without its claim", admissionv1.Create, `{"range":"10.0.0.0/24","allocations":{"05":{"id":"a","podref":"ns/a","ipamclaimref":"c"},"5":` + allocation + `}}`, "", ""},
		{"key beside the canonical one of another owner", admissionv1.Create, `{"range":"10.0.0.0/24","allocations":{"05":` + allocation + `,"5":` + other + `}}`, "", ""},
		{"keys that collide with each other", admissionv1.Create, `{"range":"10.0.0.0/24","allocations":{"05":` + allocation + `,"+5":` + allocation + `}}`, "", ""},
		{"keys that are no offset", admissionv1.Create, `{"range":"10.0.0.0/24","allocations":{"-5":` + allocation + `," 5":` + allocation + `,"5.0":` + allocation + `,"a/~":` + allocation + `,"":` + allocation + `,"099999999999999999999":` + allocation + `}}`, "", ""},
		{"update", admissionv1.Update, `{"range":"10.0.0.0/24","allocations":{"05":` + allocation + `}}`, `{"range":"10.0.0.0/24","allocations":{}}`, `[{"op":"move","from":"/spec/allocations/05","path":"/spec/allocations/5"}]`},
		{"update that resolves a collision", admissionv1.Update, `{"range":"10.0.0.0/24","allocations":{"05":` + allocation + `}}`, `{"range":"10.0.0.0/24","allocations":{"05":` + allocation + `,"5":` + allocation + `}}`, `[{"op":"move","from":"/spec/allocations/05","path":"/spec/allocations/5"}]`},
		{"update that brings the key again", admissionv1.Update, `{"range":"10.0.0.0/24","allocations":{"05":` + allocation + `,"5":` + allocation + `}}`, `{"range":"10.0.0.0/24","allocations":{"5":` + allocation + `}}`, `[{"op":"remove","path":"/spec/allocations/05"}]`},
		{"update that leaves the allocations out", admissionv1.Update, `{"range":"10.0.0.0/24"}`, `{"range":"10.0.0.0/24","allocations":{"5":` + allocation + `}}`, ""},
		{"update that still has none", admissionv1.Update, `{"range":"10.0.0.0/24"}`, `{"range":"10.0.0.0/24"}`, `[{"op":"add","path":"/spec/allocations","value":{}}]`},
		{"update that brings host bits again", admissionv1.Update, `{"range":"10.0.0.5/24","allocations":{"5":` + allocation + `}}`, `{"range":"10.0.0.0/24","allocations":{"5":` + allocation + `}}`, `[{"op":"replace","path":"/spec/range","value":"10.0.0.0/24"}]`},
		{"update that brings host bits of another network", admissionv1.Update, `{"range":"10.0.1.5/24","allocations":{"5":` + allocation + `}}`, `{"range":"10.0.0.0/24","allocations":{"5":` + allocation + `}}`, ""},
		{"update that keeps host bits", admissionv1.Update, `{"range":"10.0.0.5/24","allocations":{"5":` + allocation + `}}`, `{"range":"10.0.0.5/24","allocations":{"5":` + allocation + `}}`, ""},
		{"update that brings another form again", admissionv1.Update, `{"range":"2001:DB8::/32","allocations":{"5":` + allocation + `}}`, `{"range":"2001:db8::/32","allocations":{"5":` + allocation + `}}`, `[{"op":"replace","path":"/spec/range","value":"2001:db8::/32"}]`},
		{"prefix length with a zero", admissionv1.Create, `{"range":"10.0.0.0/024","allocations":{}}`, "", ""},
		{"wrong types", admissionv1.Create, `{"range":24,"allocations":[]}`, "", ""},
		{"spec of a wrong type", admissionv1.Create, `"10.0.0.0/24"`, "", ""},
		{"value of a wrong type under a key", admissionv1.Create, `{"range":"10.0.0.0/24","allocations":{"05":7}}`, "", `[{"op":"move","from":"/spec/allocations/05","path":"/spec/allocations/5"}]`},
		{"delete", admissionv1.Delete, `{"range":"2001:DB8::/32"}`, `{"range":"2001:DB8::/32"}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := evaluateStrictly(t, newEvaluator(t, policy.Default()), admission.Normalize, test.operation, poolWith(test.spec), poolWith(test.old))
			if !w.Response.Allowed || string(w.Response.Patch) != test.want {
				t.Errorf("allowed %v, patch %s\nwant %s", w.Response.Allowed, w.Response.Patch, test.want)
			}
		})
	}
}

// TestNormalizationWarns expects a warning that says what is stored instead.
func TestNormalizationWarns(t *testing.T) {
	const allocation = `{"id":"a","podref":"ns/a"}`
	for _, test := range []struct {
		name, spec string
		want       []string
	}{
		{"form", `{"range":" 2001:DB8::/32","allocations":{}}`, []string{`spec.range: stored as 2001:db8::/32 instead of " 2001:DB8::/32" (rule range-syntax)`}},
		{"host bits", `{"range":"10.9.0.5/24","allocations":{}}`, []string{`spec.range: stored as 10.9.0.0/24 instead of "10.9.0.5/24" (rule range-host-bits)`}},
		{"allocations", `{"range":"10.9.0.0/24"}`, []string{"spec.allocations: stored as {}, because the schema requires it"}},
		{"keys", `{"range":"10.9.0.0/24","allocations":{"05":` + allocation + `,"+6":` + allocation + `,"6":` + allocation + `}}`, []string{
			`spec.allocations[05]: stored under key "5" (rule offset-syntax)`, `spec.allocations[+6]: not stored, because the same owner has key "6" (rule offset-syntax)`,
		}},
		{"nothing", `{"range":"10.9.0.0/24","allocations":{"5":` + allocation + `}}`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := evaluateStrictly(t, newEvaluator(t, policy.Default()), admission.Normalize, admissionv1.Create, poolWith(test.spec), "")
			if diff := cmp.Diff(test.want, w.Response.Warnings, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestNormalizationServesItsRule turns the rules off one by one: what no rule denies is stored as it is.
func TestNormalizationServesItsRule(t *testing.T) {
	const spec = `{"range":%q,"allocations":{%s}}`
	const key, range1, range2 = `"05":{"id":"a","podref":"ns/a"}`, "10.0.0.5/24", "2001:DB8::/32"
	for _, test := range []struct {
		name, rule, action string
		object             string
		patched            bool
	}{
		{"keys", "offset-syntax", "Deny", fmt.Sprintf(spec, "10.0.0.0/24", key), true},
		{"keys, audited", "offset-syntax", "Audit", fmt.Sprintf(spec, "10.0.0.0/24", key), false},
		{"keys, off", "offset-syntax", "Off", fmt.Sprintf(spec, "10.0.0.0/24", key), false},
		{"host bits", "range-host-bits", "Deny", fmt.Sprintf(spec, range1, ""), true},
		{"host bits, warned of", "range-host-bits", "Warn", fmt.Sprintf(spec, range1, ""), false},
		{"form", "range-syntax", "Deny", fmt.Sprintf(spec, range2, ""), true},
		{"form, audited", "range-syntax", "Audit", fmt.Sprintf(spec, range2, ""), false},
		{"white space, audited", "range-syntax", "Audit", fmt.Sprintf(spec, " 10.0.0.5/24", ""), false},
		{"allocations", "range-syntax", "Audit", `{"range":"10.0.0.0/24"}`, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := withRule(test.rule, policy.RuleSettings{Action: policy.Action(test.action)})
			w := evaluateStrictly(t, newEvaluator(t, p), admission.Normalize, admissionv1.Create, poolWith(test.object), "")
			if patched := len(w.Response.Patch) > 0; patched != test.patched {
				t.Errorf("patch %s", w.Response.Patch)
			}
		})
	}
}

// TestTerminatingPoolIsLeftAlone normalizes nothing of a pool that is being deleted, also where a client that replaces the pool
// does not send the deletionTimestamp.
func TestTerminatingPoolIsLeftAlone(t *testing.T) {
	pool := poolWith(`{"range":"2001:DB8::/32"}`)
	terminating := strings.Replace(pool, `{"name"`, `{"deletionTimestamp":"2026-01-01T00:00:00Z","name"`, 1)
	for _, test := range []struct {
		name, object, old string
		patched           bool
	}{
		{"timestamp in both", terminating, terminating, false},
		{"timestamp in oldObject", pool, terminating, false},
		{"no timestamp", pool, pool, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := evaluateStrictly(t, newEvaluator(t, policy.Default()), admission.Normalize, admissionv1.Update, test.object, test.old)
			if patched := len(w.Response.Patch) > 0; patched != test.patched {
				t.Errorf("patch %s", w.Response.Patch)
			}
		})
	}
}

// TestPatchIsBounded gives more keys than are normalized at a time, and longer ones.
func TestPatchIsBounded(t *testing.T) {
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, ","+format, i)
		}
		return poolWith(`{"range":"10.0.0.0/8","allocations":{` + b.String()[1:] + `}}`)
	}
	for _, test := range []struct {
		name, object string
		patched      bool
		last         string
	}{
		{"as many as possible", many(1000, `"0%d":{}`), true, "and 984 more warnings"},
		{"one more", many(1001, `"0%d":{}`), false, "spec.allocations: not normalized: at most 1000 keys, of 64 KiB together, are normalized at a time"},
		{"long keys", many(5, `"`+strings.Repeat("0", 100_000)+`%d":{}`), false, "spec.allocations: not normalized: at most 1000 keys, of 64 KiB together, are normalized at a time"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := evaluateStrictly(t, newEvaluator(t, policy.Default()), admission.Normalize, admissionv1.Create, test.object, "")
			warnings := w.Response.Warnings
			if patched := len(w.Response.Patch) > 0; patched != test.patched || warnings[len(warnings)-1] != test.last || len(warnings) > 17 {
				t.Errorf("patched %v, %d warnings, the last %q", patched, len(warnings), warnings[len(warnings)-1])
			}
			if answer := wire(w); len(answer) > 1<<20 {
				t.Errorf("answered with %d bytes", len(answer))
			}
		})
	}
}

// TestUnknownFieldsSurviveNormalization applies a patch to an object that has fields which nobody here knows.
func TestUnknownFieldsSurviveNormalization(t *testing.T) {
	object := poolWith(`{"range":"10.0.0.0/24","allocations":{"05":{"id":"a","podref":"ns/a","zone":"b"}},"mode":"fast"}`)
	want := `{"apiVersion":"whereabouts.cni.cncf.io/v1alpha1","kind":"IPPool","metadata":{"name":"10.0.0.0-24"},` +
		`"spec":{"allocations":{"5":{"id":"a","podref":"ns/a","zone":"b"}},"mode":"fast","range":"10.0.0.0/24"}}`
	if got := newHarness(t, policy.Default()).normalize(t, admissionv1.Create, object, ""); got != want {
		t.Errorf("normalized to %s\nwant %s", got, want)
	}
}

func poolWith(spec string) string {
	if spec == "" {
		return ""
	}
	return `{"apiVersion":"whereabouts.cni.cncf.io/v1alpha1","kind":"IPPool","metadata":{"name":"10.0.0.0-24"},"spec":` + spec + `}`
}
