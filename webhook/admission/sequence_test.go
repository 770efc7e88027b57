package admission_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"

	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/policy"
)

const (
	// sequences is how many sequences of updates are tried, and updates how many each has.
	sequences = 1000
	updates   = 20
)

// TestUpdatesMakeNothingWorse begins with any pool and updates it again and again, as a user who makes every mistake does:
// no update that is allowed leaves more allocations that are duplicate, aliased, out of range or unreadable.
func TestUpdatesMakeNothingWorse(t *testing.T) {
	t.Parallel()
	h := newHarness(t, policy.Default())
	allowed := 0
	for seed := range uint64(sequences) {
		r := rand.New(rand.NewPCG(seed, 1))
		p := newRandomPool(r)
		for range updates {
			next := edited(r, p)
			old, object := p.text(r), next.text(r)
			if r.IntN(2) == 0 {
				object = h.normalize(t, admissionv1.Update, object, old)
			}
			if !h.evaluate(t, admission.Enforce, admissionv1.Update, object, old).allowed {
				continue
			}
			allowed++
			before, after := wrongIn(t, old, object), wrongIn(t, object, object)
			for what, count := range after {
				if count > before[what] {
					t.Fatalf("seed %d: %s\nto %s\nis allowed, and has %d allocations instead of %d that are %s", seed, old, object, count, before[what], what)
				}
			}
			p = next
		}
	}
	t.Logf("%d updates, %d allowed", sequences*updates, allowed)
	if allowed < sequences*updates/10 {
		t.Errorf("only %d of %d updates were allowed: the test says little", allowed, sequences*updates)
	}
}

// edited returns p after one to three edits.
func edited(r *rand.Rand, p randomPool) randomPool {
	p.allocations = slices.Clone(p.allocations)
	for range 1 + r.IntN(3) {
		switch at := r.IntN(len(p.allocations) + 1); {
		case at == len(p.allocations) || r.IntN(4) == 0:
			p.addEntry(r)
		case r.IntN(4) == 0:
			p.allocations = slices.Delete(p.allocations, at, at+1)
		case r.IntN(3) == 0: // another key
			key := p.allocations[at]
			p.allocations = slices.Delete(p.allocations, at, at+1)
			p.addEntry(r)
			p.allocations[len(p.allocations)-1].members = key.members
		default: // another owner
			other := randomPool{}
			other.addEntry(r)
			p.allocations[at].members = other.allocations[0].members
		}
		if len(p.allocations) == 0 {
			p.addEntry(r)
		}
	}
	if r.IntN(10) == 0 {
		p.rng = newRandomPool(r).rng
	}
	return p
}

// wrongIn counts what is wrong with the allocations of a pool, by the range of another, without the code under test. A
// legacy pod with two allocations and no ifname is not counted: they may be those of two interfaces.
func wrongIn(t *testing.T, object, ranged string) map[string]int {
	t.Helper()
	type pool struct {
		Spec struct {
			Range       string
			Allocations map[string]struct{ ID, PodRef, IfName string }
		}
	}
	var p, q pool
	if err := errors.Join(json.Unmarshal([]byte(object), &p), json.Unmarshal([]byte(ranged), &q)); err != nil {
		t.Fatal(err)
	}
	limit := limitOf(q.Spec.Range)
	wrong, keys := map[string]int{}, map[string]int{}
	members, pods := map[string]map[string]bool{}, map[string]map[string]bool{}
	for key, a := range p.Spec.Allocations {
		offset, err := strconv.ParseInt(key, 10, 64)
		number := strconv.FormatInt(offset, 10)
		if err != nil || offset < 0 {
			wrong["unreadable"]++
			number = key
		} else if uint64(offset) >= limit {
			wrong["out of range"]++
		}
		if keys[number]++; keys[number] > 1 {
			wrong["aliased"]++
		}
		if strings.Contains(a.PodRef, "/") {
			insert(pods, number, a.PodRef)
		}
		if a.PodRef != "" && a.IfName != "" {
			insert(members, a.PodRef+" "+a.IfName, number)
		}
	}
	for _, offsets := range members {
		wrong["duplicate"] += len(offsets) - 1
	}
	for _, podrefs := range pods {
		wrong["of several pods at one offset"] += len(podrefs) - 1
	}
	return wrong
}

func insert(sets map[string]map[string]bool, key, value string) {
	if sets[key] == nil {
		sets[key] = map[string]bool{}
	}
	sets[key][value] = true
}

// limitOf returns the first offset past a range, as far as anybody can tell.
func limitOf(text string) uint64 {
	text = strings.Replace(strings.TrimSpace(text), "/024", "/24", 1)
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return math.MaxInt64 + 1
	}
	hostBits := prefix.Addr().BitLen() - prefix.Bits()
	if prefix.Addr().Is4In6() {
		hostBits = 128 - prefix.Bits()
	}
	if hostBits >= 63 {
		return math.MaxInt64 + 1
	}
	used := prefix.Addr().As16()
	return uint64(1)<<hostBits - uint64(used[15])&(uint64(1)<<min(hostBits, 8)-1)
}
