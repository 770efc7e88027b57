package admission_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	admissionv1 "k8s.io/api/admission/v1"

	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/admissiontest"
	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/review"
	"ippool-webhook/webhook/rules"
)

// pools is how many random pools each property is tried on.
const pools = 2000

// allocation is an allocation of a random pool: a key and the JSON members of its value, in any order.
type allocation struct {
	key     string
	members []string
}

// randomPool is a pool that is as likely bad as good.
type randomPool struct {
	name        string
	rng         string // spec.range as a JSON member, or empty
	bogus       []string
	allocations []allocation
}

func newRandomPool(r *rand.Rand) randomPool {
	p := randomPool{
		name: pick(r, "10.0.0.0-24", "net-10.0.0.0-24", "other"),
		rng:  pick(r, "", `"range":""`, `"range":"10.0.0.0/24"`, `"range":"10.0.0.0/24"`, `"range":"10.0.0.0/28"`, `"range":"10.0.0.5/24"`, `"range":"10.0.0.0/33"`, `"range":" 10.0.0.0/24"`, `"range":"2001:DB8::/64"`, `"range":"2001:DB8::5/64"`, `"range":" 10.0.0.5/24"`, `"range":"10.0.0.0/024"`, `"range":"::ffff:10.0.0.0/120"`),
	}
	if r.IntN(4) == 0 {
		p.bogus = append(p.bogus, `"bogus":1`)
	}
	for range r.IntN(24) {
		p.addEntry(r)
	}
	return p
}

func (p *randomPool) addEntry(r *rand.Rand) {
	e := allocation{key: pick(r, "0", "1", "2", "3", "4", "5", "05", "+5", "-0", "-1", "a", "", "14", "15", "254", "255", "256", "300", "0300", "+999", "9223372036854775807", "9223372036854775808", "1e3")}
	if slices.ContainsFunc(p.allocations, func(other allocation) bool { return other.key == e.key }) {
		return
	}
	e.members = append(e.members,
		pick(r, `"id":"a"`, `"id":"b"`, `"id":""`),
		pick(r, `"podref":"ns/a"`, `"podref":"ns/b"`, `"podref":"ns/c"`, `"podref":""`, `"podref":"nopod"`),
	)
	switch r.IntN(4) {
	case 0:
		e.members = append(e.members, pick(r, `"ifname":"net1"`, `"ifname":"net2"`, `"ifname":"a/b"`))
	case 1:
		e.members = append(e.members, `"extra":true`)
	}
	p.allocations = append(p.allocations, e)
}

// without returns p with fewer allocations.
func (p randomPool) without(r *rand.Rand) randomPool {
	p.allocations = slices.DeleteFunc(slices.Clone(p.allocations), func(allocation) bool { return r.IntN(3) == 0 })
	return p
}

// text returns the object as JSON, with its fields and allocations in an order that r chooses.
func (p randomPool) text(r *rand.Rand) string {
	var allocations []string
	for _, e := range p.allocations {
		allocations = append(allocations, fmt.Sprintf("%q:%s", e.key, shuffled(r, e.members)))
	}
	spec := append([]string{`"allocations":` + shuffled(r, allocations)}, p.bogus...)
	if p.rng != "" {
		spec = append(spec, p.rng)
	}
	return shuffled(r, []string{
		`"apiVersion":"whereabouts.cni.cncf.io/v1alpha1"`, `"kind":"IPPool"`,
		fmt.Sprintf(`"metadata":{"name":%q}`, p.name), `"spec":` + shuffled(r, spec),
	})
}

func shuffled(r *rand.Rand, members []string) string {
	members = slices.Clone(members)
	r.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return "{" + strings.Join(members, ",") + "}"
}

func pick(r *rand.Rand, choices ...string) string { return choices[r.IntN(len(choices))] }

// forRandomPools tries a property on pools that differ from run to run only by the code.
func forRandomPools(t *testing.T, property func(t *testing.T, r *rand.Rand, p randomPool)) {
	t.Helper()
	for seed := range uint64(pools) {
		r := rand.New(rand.NewPCG(seed, 0))
		property(t, r, newRandomPool(r))
		if t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
	}
}

func TestRemovingEntriesIsNeverDenied(t *testing.T) {
	t.Parallel()
	h := newHarness(t, policy.Default())
	forRandomPools(t, func(t *testing.T, r *rand.Rand, p randomPool) {
		old, object := p.text(r), p.without(r).text(r)
		if w := h.evaluate(t, admission.Enforce, admissionv1.Update, object, old); !w.allowed {
			t.Errorf("%s\nto %s\nis denied: %s", old, object, w.message)
		}
		normalized := h.normalize(t, admissionv1.Update, object, old)
		if w := h.evaluate(t, admission.Enforce, admissionv1.Update, normalized, old); !w.allowed {
			t.Errorf("%s\nto %s, normalized to %s\nis denied: %s", old, object, normalized, w.message)
		}
	})
}

// harness evaluates requests with fieldValidation Strict, which denies the most, in memory that it uses again.
type harness struct {
	evaluator *admission.Evaluator
	request   review.Request
	scratch   admission.Scratch
}

func newHarness(t *testing.T, p *policy.Policy) *harness {
	t.Helper()
	return &harness{evaluator: newEvaluator(t, p)}
}

// answer is what a client sees of a response. It stays valid when the harness is used again.
type answer struct {
	allowed bool
	message string
	patch   []byte
	wire    string
}

func (h *harness) evaluate(t *testing.T, mode admission.Mode, operation admissionv1.Operation, object, old string) answer {
	t.Helper()
	if err := h.request.Decode(t.Context(), reviewText(operation, "Strict", object, old), nil); err != nil {
		t.Fatal(err)
	}
	result, err := h.evaluator.Evaluate(t.Context(), &h.request, mode, &h.scratch)
	if err != nil {
		t.Fatal(err)
	}
	r := &result.Response
	return answer{r.Allowed, strings.Clone(r.Status.Message), bytes.Clone(r.Patch), wire(result)}
}

// normalize returns the object after the mutating webhook.
func (h *harness) normalize(t *testing.T, operation admissionv1.Operation, object, old string) string {
	t.Helper()
	patch := h.evaluate(t, admission.Normalize, operation, object, old).patch
	if len(patch) == 0 {
		return object
	}
	return apply(t, object, patch)
}

func TestChangingNothingIsNeverDenied(t *testing.T) {
	t.Parallel()
	h := newHarness(t, everythingDenied(t))
	forRandomPools(t, func(t *testing.T, r *rand.Rand, p randomPool) {
		old, object := p.text(r), p.text(r)
		if w := h.evaluate(t, admission.Enforce, admissionv1.Update, object, old); !w.allowed {
			t.Errorf("%s\nto %s\nis denied: %s", old, object, w.message)
		}
	})
}

func TestOrderDecidesNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t, policy.Default())
	forRandomPools(t, func(t *testing.T, r *rand.Rand, p randomPool) {
		q := newRandomPool(r)
		q.rng = p.rng
		first := h.evaluate(t, admission.Enforce, admissionv1.Update, p.text(r), q.text(r)).wire
		second := h.evaluate(t, admission.Enforce, admissionv1.Update, p.text(r), q.text(r)).wire
		if first != second {
			t.Errorf("one order is answered\n%s\nanother\n%s", first, second)
		}
	})
}

func TestObserveModeNeverDenies(t *testing.T) {
	t.Parallel()
	h := newHarness(t, policy.Default())
	forRandomPools(t, func(t *testing.T, r *rand.Rand, p randomPool) {
		old, object := newRandomPool(r).text(r), p.text(r)
		for _, w := range []answer{
			h.evaluate(t, admission.Observe, admissionv1.Create, object, ""),
			h.evaluate(t, admission.Observe, admissionv1.Update, object, old),
			h.evaluate(t, admission.Observe, admissionv1.Delete, "", old),
		} {
			if !w.allowed {
				t.Errorf("%s\nto %s\nis denied: %s", old, object, w.message)
			}
		}
	})
}

// TestMutationIsIdempotent also checks that a patch applies, and that what was allowed without it is allowed with it.
func TestMutationIsIdempotent(t *testing.T) {
	t.Parallel()
	h := newHarness(t, policy.Default())
	forRandomPools(t, func(t *testing.T, r *rand.Rand, p randomPool) {
		object := p.text(r)
		normalized := h.normalize(t, admissionv1.Create, object, "")
		if again := h.normalize(t, admissionv1.Create, normalized, ""); again != normalized {
			t.Errorf("%s\nis normalized to %s\nand that to %s", object, normalized, again)
		}
		before := h.evaluate(t, admission.Enforce, admissionv1.Create, object, "")
		after := h.evaluate(t, admission.Enforce, admissionv1.Create, normalized, "")
		if before.allowed && !after.allowed {
			t.Errorf("%s\nis allowed, and normalized to %s denied: %s", object, normalized, after.message)
		}
	})
}

// TestApplyingAgainChangesNothing stores a pool as it is normalized and then writes the same manifest again, as a
// replacement and as a patch that adds what the stored pool lacks: it is neither denied nor is anything else stored.
func TestApplyingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t, policy.Default())
	forRandomPools(t, func(t *testing.T, r *rand.Rand, p randomPool) {
		manifest := p.text(r)
		stored := h.normalize(t, admissionv1.Create, manifest, "")
		if !h.evaluate(t, admission.Enforce, admissionv1.Create, stored, "").allowed {
			return
		}
		merged, err := jsonpatch.MergePatch([]byte(stored), []byte(manifest))
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range []string{manifest, string(merged)} {
			again := h.normalize(t, admissionv1.Update, object, stored)
			if !jsonpatch.Equal([]byte(again), []byte(stored)) {
				t.Errorf("%s\nis stored as %s\nand, applied again as %s, as %s", manifest, stored, object, again)
			}
			if w := h.evaluate(t, admission.Enforce, admissionv1.Update, again, stored); !w.allowed {
				t.Errorf("%s\nstored as %s\nis denied when applied again: %s", manifest, stored, w.message)
			}
		}
	})
}

// TestReuseLeavesNothingBehind evaluates each request with memory that has served others.
func TestReuseLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	e := newEvaluator(t, policy.Default())
	var request review.Request
	var scratch admission.Scratch
	forRandomPools(t, func(t *testing.T, r *rand.Rand, p randomPool) {
		body := admissiontest.Body(admissiontest.NewReview(admissionv1.Update, p.text(r), newRandomPool(r).text(r)))
		want := wire(evaluate(t, e, admission.Enforce, decodeRequest(t, body)))
		if err := request.Decode(t.Context(), body, nil); err != nil {
			t.Fatal(err)
		}
		result, err := e.Evaluate(t.Context(), &request, admission.Enforce, &scratch)
		if err != nil {
			t.Fatal(err)
		}
		if got := wire(result); got != want {
			t.Errorf("used memory answers\n%s\nfresh memory\n%s", got, want)
		}
	})
}

// everythingDenied returns a policy under which every rule denies, except the rule that forbids their removal.
func everythingDenied(t *testing.T) *policy.Policy {
	t.Helper()
	p := policy.Default()
	p.Rules = map[string]policy.RuleSettings{}
	for _, rule := range rules.All(p.RuleOptions()) {
		if !rule.ByFieldValidation {
			p.Rules[rule.ID] = policy.RuleSettings{Action: policy.Action(rules.Deny.String())}
		}
	}
	return p
}

func apply(t *testing.T, object string, patch []byte) string {
	t.Helper()
	decoded, err := jsonpatch.DecodePatch(patch)
	if err != nil {
		t.Fatalf("%s: %v", patch, err)
	}
	normalized, err := decoded.Apply([]byte(object))
	if err != nil {
		t.Fatalf("%s on %s: %v", patch, object, err)
	}
	if !json.Valid(normalized) {
		t.Fatalf("%s on %s gives %s", patch, object, normalized)
	}
	return string(normalized)
}
