package admission_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admission/v1"

	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/rules"
)

const (
	poolHead = `{"apiVersion":"whereabouts.cni.cncf.io/v1alpha1","kind":"IPPool","metadata":{"name":"10.0.0.0-24"},"spec":{"range":"10.0.0.0/24",`
	goodPool = poolHead + `"allocations":{"1":{"id":"a","podref":"ns/a"}}}}`
	badPool  = poolHead + `"allocations":{"1":{"id":"a","podref":"nopod"}}}}`
	warnPool = poolHead + `"allocations":{"0":{"id":"a","podref":"ns/a"}}}}`
)

// evaluateWith evaluates a request with a policy and a fieldValidation; an empty one is absent.
func evaluateWith(t *testing.T, p *policy.Policy, operation admissionv1.Operation, mode admission.Mode, fieldValidation, object, old string) *admission.Result {
	t.Helper()
	return evaluate(t, newEvaluator(t, p), mode, newRequest(t, operation, fieldValidation, object, old))
}

// actions lists what was done, as "Deny podref-syntax".
func actions(w *admission.Result) []string {
	var done []string
	for _, d := range w.Decisions {
		done = append(done, d.Action.String()+" "+d.Rule.ID)
	}
	return done
}

func withRule(id string, settings policy.RuleSettings) *policy.Policy {
	p := policy.Default()
	p.Rules = map[string]policy.RuleSettings{id: settings}
	return p
}

func TestActions(t *testing.T) {
	for _, test := range []struct {
		name        string
		policy      *policy.Policy
		operation   admissionv1.Operation
		mode        admission.Mode
		object, old string
		want        []string
		allowed     bool
	}{
		{"enforce mode denies", policy.Default(), admissionv1.Create, admission.Enforce, badPool, "", []string{"Deny podref-syntax"}, false},
		{"enforce mode warns", policy.Default(), admissionv1.Create, admission.Enforce, warnPool, "", []string{"Warn offset-reserved"}, true},
		{"observe mode warns of what enforce mode denies", policy.Default(), admissionv1.Create, admission.Observe, badPool, "", []string{"Warn podref-syntax"}, true},
		{"observe mode audits what enforce mode warns of", policy.Default(), admissionv1.Create, admission.Observe, warnPool, "", []string{"Audit offset-reserved"}, true},
		{"rule set to Off", withRule("podref-syntax", policy.RuleSettings{Action: "Off"}), admissionv1.Create, admission.Enforce, badPool, "", nil, true},
		{"rule set to Audit", withRule("podref-syntax", policy.RuleSettings{Action: "Audit"}), admissionv1.Create, admission.Enforce, badPool, "", []string{"Audit podref-syntax"}, true},
		{"rule set to Audit, observe mode", withRule("podref-syntax", policy.RuleSettings{Action: "Audit"}), admissionv1.Create, admission.Observe, badPool, "", []string{"Audit podref-syntax"}, true},
		{"rule set to Deny", withRule("offset-reserved", policy.RuleSettings{Action: "Deny"}), admissionv1.Create, admission.Enforce, warnPool, "", []string{"Deny offset-reserved"}, false},
		{"update that introduces", policy.Default(), admissionv1.Update, admission.Enforce, badPool, poolHead + `"allocations":{}}}`, []string{"Deny podref-syntax"}, false},
		{"update that leaves it", policy.Default(), admissionv1.Update, admission.Enforce, badPool, badPool, []string{"Warn podref-syntax"}, true},
		{"update that leaves it, observe mode", policy.Default(), admissionv1.Update, admission.Observe, badPool, badPool, []string{"Warn podref-syntax"}, true},
		{"update that corrects it", policy.Default(), admissionv1.Update, admission.Enforce, goodPool, badPool, nil, true},
		{"update from one bad value to another", policy.Default(), admissionv1.Update, admission.Enforce, badPool, strings.ReplaceAll(badPool, "nopod", "other"), []string{"Deny podref-syntax"}, false},
		{"update of an object that is being deleted", policy.Default(), admissionv1.Update, admission.Enforce, badPool, strings.Replace(goodPool, `"name":`, `"deletionTimestamp":"2026-01-01T00:00:00Z","name":`, 1), []string{"Deny podref-syntax", "Deny allocation-reassigned"}, false},
		{"update that moves a malformed range in use", policy.Default(), admissionv1.Update, admission.Enforce, strings.Replace(goodPool, "10.0.0.0/24", "10.9.0.0/16", 1), strings.Replace(goodPool, "10.0.0.0/24", "10.0.0.0/024", 1), []string{"Deny range-immutable", "Warn name-mismatch"}, false},
		{"update that moves an IPv4-mapped range in use", policy.Default(), admissionv1.Update, admission.Enforce, strings.Replace(goodPool, "10.0.0.0/24", "10.9.0.0/16", 1), strings.Replace(goodPool, "10.0.0.0/24", "::ffff:10.0.0.0/120", 1), []string{"Deny range-immutable", "Warn name-mismatch"}, false},
		{"update that corrects an IPv4-mapped range in use", policy.Default(), admissionv1.Update, admission.Enforce, goodPool, strings.Replace(goodPool, "10.0.0.0/24", "::ffff:10.0.0.0/120", 1), nil, true},
		{"update that trims a range with host bits", policy.Default(), admissionv1.Update, admission.Enforce, strings.Replace(goodPool, "10.0.0.0/24", "10.0.0.5/24", 1), strings.Replace(goodPool, "10.0.0.0/24", " 10.0.0.5/24", 1), []string{"Warn range-host-bits"}, true},
		{"offset that no range can have", policy.Default(), admissionv1.Create, admission.Enforce, strings.NewReplacer("10.0.0.0/24\"", "10.0.0.0\"", `"1"`, `"9223372036854775808"`).Replace(goodPool), "", []string{"Deny range-syntax", "Deny offset-out-of-range"}, false},
		{"delete", policy.Default(), admissionv1.Delete, admission.Enforce, "", goodPool, []string{"Deny delete-in-use"}, false},
		{"delete, observe mode", policy.Default(), admissionv1.Delete, admission.Observe, "", goodPool, []string{"Warn delete-in-use"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := evaluateWith(t, test.policy, test.operation, test.mode, "", test.object, test.old)
			if diff := cmp.Diff(test.want, actions(w)); diff != "" {
				t.Errorf("actions (-want +got):\n%s", diff)
			}
			if w.Response.Allowed != test.allowed {
				t.Errorf("allowed is %v: %s", w.Response.Allowed, w.Response.Status.Message)
			}
		})
	}
}

// TestSilent gives the reviews of other lineages of Whereabouts that nothing is wrong with.
func TestSilent(t *testing.T) {
	for _, fixture := range []string{
		"allocation-reassigned/pass-claim-taken-over.json", "unknown-field/pass-strict-ipamclaimref.json", "unknown-field/pass-strict-telekom.json",
		"delete-in-use/pass-terminating-finalizer-removed.json", "delete-in-use/pass-undecodable-annotated.json", "allocation-reassigned/pass-alias-resolved.json",
		"allocation-edited/pass-ifname-filled-in.json", "field-type/pass-corrected.json",
	} {
		w := validate(t, newEvaluator(t, policy.Default()), fixtures+"/"+fixture)
		if r := w.Response; !r.Allowed || len(r.Warnings) > 0 || len(r.AuditAnnotations) > 0 {
			t.Errorf("%s: %s", fixture, responseOf(w))
		}
	}
}

// TestNotAPool gives an object that cannot be validated: enforce mode denies it, observe mode warns.
func TestNotAPool(t *testing.T) {
	const object, message = `{"apiVersion":"v1","kind":"Pod"}`, `request.object is "Pod" of "v1": must be "IPPool" of "whereabouts.cni.cncf.io/v1alpha1"`
	w := evaluateWith(t, policy.Default(), admissionv1.Create, admission.Enforce, "", object, "")
	if w.Response.Allowed || w.Response.Status.Code != http.StatusBadRequest || w.Response.Status.Message != message {
		t.Errorf("enforce mode: %s", responseOf(w))
	}
	w = evaluateWith(t, policy.Default(), admissionv1.Create, admission.Observe, "", object, "")
	if !w.Response.Allowed || !slices.Equal(w.Response.Warnings, []string{message}) {
		t.Errorf("observe mode: %s", responseOf(w))
	}
}

// TestTooManyAllocations gives pools with more allocations than are decoded. Removing some is possible, and so is deleting
// the pool with the annotation.
func TestTooManyAllocations(t *testing.T) {
	pool := func(n int, annotation string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"%d":{}`, i)
		}
		return strings.Replace(poolHead, `{"name"`, `{`+annotation+`"name"`, 1) + `"allocations":{` + b.String()[1:] + `}}}`
	}
	const allow = `"annotations":{"ippool-webhook/allow-delete":"true"},`
	more, most, few := pool(65_538, ""), pool(65_537, ""), pool(2, "")
	for _, test := range []struct {
		name        string
		operation   admissionv1.Operation
		mode        admission.Mode
		object, old string
		code        int
		warnings    int
	}{
		{"created", admissionv1.Create, admission.Enforce, more, "", 413, 0},
		{"created, observe mode", admissionv1.Create, admission.Observe, more, "", 0, 1},
		{"grown", admissionv1.Update, admission.Enforce, more, most, 413, 0},
		{"unchanged in number", admissionv1.Update, admission.Enforce, more, more, 413, 0},
		{"shrunk", admissionv1.Update, admission.Enforce, most, more, 0, 1},
		{"shrunk to few", admissionv1.Update, admission.Enforce, few, more, 0, 1},
		{"deleted", admissionv1.Delete, admission.Enforce, "", more, 422, 0},
		{"deleted with the annotation", admissionv1.Delete, admission.Enforce, "", pool(65_538, allow), 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := evaluateWith(t, policy.Default(), test.operation, test.mode, "", test.object, test.old)
			if w.Response.Status.Code != test.code || w.Response.Allowed != (test.code == 0) || len(w.Response.Warnings) != test.warnings {
				t.Errorf("%s", responseOf(w))
			}
			if message := w.Response.Status.Message; test.code == 413 && message != "spec.allocations: Too many: 65538: must have at most 65536 items to be validated; remove allocations" {
				t.Errorf("message %q", message)
			}
		})
	}
}

// TestNothingUnprintable gives names, keys and fields with control characters, which must not reach a terminal.
func TestNothingUnprintable(t *testing.T) {
	const object = `{"apiVersion":"whereabouts.cni.cncf.io/v1alpha1","kind":"IPPool","metadata":{"name":"a\u001b[31m"},"bogus\u0007":1,"spec":{"range":"10\u001b","x\u202e":{"a\u0000":1,"a\u0000":2},"allocations":{"\u00075":{"id":7,"podref":"\u001b[2J","ifname":"\n"}}}}`
	for _, fieldValidation := range []string{"Warn", "Strict"} {
		w := evaluateWith(t, policy.Default(), admissionv1.Create, admission.Enforce, fieldValidation, object, "")
		texts := append([]string{w.Response.Status.Message, w.Response.Status.Name}, w.Response.Warnings...)
		for _, cause := range w.Response.Status.Causes {
			texts = append(texts, cause.Message, cause.Field)
		}
		for _, annotation := range w.Response.AuditAnnotations {
			texts = append(texts, annotation.Value)
		}
		if len(texts) < 5 {
			t.Errorf("said only %q", texts)
		}
		for _, text := range texts {
			if strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }) {
				t.Errorf("%q is not printable", text)
			}
		}
	}
}

// TestPodRefScope sets the one option of a rule.
func TestPodRefScope(t *testing.T) {
	object := poolHead + `"allocations":{"1":{"id":"a","podref":"ns/a","ifname":"net1"},"2":{"id":"a","podref":"ns/a","ifname":"net2"}}}}`
	for scope, want := range map[rules.PodRefScope][]string{
		rules.ScopeInterface: {"Warn podref-multi-interface"},
		rules.ScopePod:       {"Deny podref-duplicate", "Warn podref-multi-interface"},
	} {
		t.Run(string(scope), func(t *testing.T) {
			p := withRule("podref-duplicate", policy.RuleSettings{Scope: scope})
			w := evaluateWith(t, p, admissionv1.Create, admission.Enforce, "", object, "")
			if diff := cmp.Diff(want, actions(w)); diff != "" {
				t.Errorf("actions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFieldValidation(t *testing.T) {
	const (
		unknown = `{"apiVersion":"whereabouts.cni.cncf.io/v1alpha1","kind":"IPPool","metadata":{"name":"10.0.0.0-24","extra":1},"spec":{"range":"x","range":"10.0.0.0/24","bogus":1,"allocations":{"1":{"id":"a","podref":"ns/a","more":{}}}}}`
		strict  = `IPPool in version "v1alpha1" cannot be handled as a IPPool: strict decoding error: duplicate field "spec.range", unknown field "spec.allocations.1.more", unknown field "spec.bogus"`
	)
	warnings := []string{`duplicate field "spec.range"`, `unknown field "spec.allocations.1.more"`, `unknown field "spec.bogus"`}
	floor := func(v policy.FieldValidation) *policy.Policy {
		p := policy.Default()
		p.FieldValidation = v
		return p
	}
	for _, test := range []struct {
		name        string
		policy      *policy.Policy
		mode        admission.Mode
		requested   string
		old         string
		wantMessage string
		want        []string
	}{
		{"Ignore", policy.Default(), admission.Enforce, "Ignore", "", "", nil},
		{"Warn", policy.Default(), admission.Enforce, "Warn", "", "", warnings},
		{"absent", policy.Default(), admission.Enforce, "", "", "", warnings},
		{"Strict", policy.Default(), admission.Enforce, "Strict", "", strict, nil},
		{"Strict, unknown before", policy.Default(), admission.Enforce, "Strict", unknown, "", warnings},
		{"Ignore under a floor of Warn", floor(policy.Warn), admission.Enforce, "Ignore", "", "", warnings},
		{"Warn under a floor of Strict", floor(policy.Strict), admission.Enforce, "Warn", "", strict, nil},
		{"Ignore under a floor of Strict, observe mode", floor(policy.Strict), admission.Observe, "Ignore", "", "", warnings},
		{"Strict, observe mode", policy.Default(), admission.Observe, "Strict", "", "", warnings},
	} {
		t.Run(test.name, func(t *testing.T) {
			operation := admissionv1.Create
			if test.old != "" {
				operation = admissionv1.Update
			}
			w := evaluateWith(t, test.policy, operation, test.mode, test.requested, unknown, test.old)
			if s := w.Response.Status; s.Message != test.wantMessage || s.Code != 0 && s.Code != http.StatusBadRequest {
				t.Errorf("status is %d %s\nwant %s", s.Code, s.Message, test.wantMessage)
			}
			if diff := cmp.Diff(test.want, slices.Clone(w.Response.Warnings)); diff != "" && len(test.want)+len(w.Response.Warnings) > 0 {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLimits checks that a response stays small whatever a pool holds, and says what it leaves out.
func TestLimits(t *testing.T) {
	var bad, reserved []string
	for i := range 100 {
		bad = append(bad, fmt.Sprintf(`"%d":{"id":"%d","podref":"nopod-%d"}`, i+1, i, i))
		reserved = append(reserved, fmt.Sprintf(`"%d":{"podref":"ns/pod-%d"}`, i+1, i))
	}
	denied := evaluateWith(t, policy.Default(), admissionv1.Create, admission.Enforce, "", poolHead+`"allocations":{`+strings.Join(bad, ",")+`}}}`, "")
	causes := denied.Response.Status.Causes
	if len(causes) != 33 || causes[31].Field != "spec.allocations[32].podref" || causes[32].Message != "and 68 more findings" {
		t.Errorf("%d causes, the last two %+v", len(causes), causes[max(len(causes)-2, 0):])
	}
	if !strings.HasSuffix(denied.Response.Status.Message, "(rule podref-syntax), spec: and 68 more findings]") {
		t.Errorf("message ends in %q", denied.Response.Status.Message[len(denied.Response.Status.Message)-100:])
	}
	warned := evaluateWith(t, policy.Default(), admissionv1.Create, admission.Enforce, "", poolHead+`"allocations":{`+strings.Join(reserved, ",")+`}}}`, "")
	warnings := warned.Response.Warnings
	if len(warnings) != 17 || warnings[16] != "and 84 more warnings" {
		t.Errorf("%d warnings, the last %q", len(warnings), warnings[max(len(warnings)-1, 0):])
	}
	want := "Warn spec.allocations[1].id, Warn spec.allocations[2].id, Warn spec.allocations[3].id, Warn spec.allocations[4].id, " +
		"Warn spec.allocations[5].id, Warn spec.allocations[6].id, Warn spec.allocations[7].id, Warn spec.allocations[8].id, and 92 more fields"
	if got := warned.Response.AuditAnnotations; len(got) != 1 || got[0].Key != "id-required" || got[0].Value != want {
		t.Errorf("audit annotations are %+v", got)
	}
}

// TestUnknownFieldsAreCounted gives more unknown fields than are listed, and names that become long in quotes.
func TestUnknownFieldsAreCounted(t *testing.T) {
	for _, test := range []struct {
		name, format string
		want         string
	}{
		{"many", `,"u%05d":1`, "and 2900 more fields"},
		{"long", `,"` + strings.Repeat(`\u0001`, 300) + `%05d":1`, "and 2986 more fields"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var fields strings.Builder
			for i := range 3000 {
				fmt.Fprintf(&fields, test.format, i)
			}
			object := strings.TrimSuffix(goodPool, "}") + fields.String() + "}"
			w := evaluateWith(t, policy.Default(), admissionv1.Create, admission.Enforce, "Strict", object, "")
			message := w.Response.Status.Message
			if !strings.HasSuffix(message, test.want) || len(message) > 32<<10 {
				t.Errorf("%d bytes, ending in %q, want %q", len(message), message[max(len(message)-100, 0):], test.want)
			}
			if w := evaluateWith(t, policy.Default(), admissionv1.Update, admission.Enforce, "Strict", object, object); !w.Response.Allowed {
				t.Errorf("an update that changes nothing is denied: %.200s", w.Response.Status.Message)
			}
		})
	}
}

// TestWarningsAreShort gives values that would make a warning longer than a header should be.
func TestWarningsAreShort(t *testing.T) {
	long := strings.Repeat("é", 500)
	object := poolHead + `"allocations":{"1":{"id":"a","podref":"ns/a","ifname":"` + long + `"},"` + long + `":{"id":"a","podref":"ns/a","ifname":"` + long + `"}}}}`
	w := evaluateWith(t, policy.Default(), admissionv1.Create, admission.Observe, "", object, "")
	if len(w.Response.Warnings) == 0 {
		t.Fatal("no warnings")
	}
	for _, warning := range w.Response.Warnings {
		if len(warning) > 256 || !strings.HasSuffix(warning, ")") {
			t.Errorf("warning of %d bytes: %s", len(warning), warning)
		}
	}
}
