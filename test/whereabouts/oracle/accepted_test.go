package oracle

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"

	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/rules"
)

// pools is how many random pools each property is tried on.
const pools = 100_000

// TestAcceptedPoolsAreSound creates pools, as they are and as the mutating webhook mends them: of what is accepted,
// Whereabouts reads each entry as an address of its own inside the range, finds each owner's entry again, and writes back
// what it has read. And what is refused has something in it that Whereabouts cannot use.
func TestAcceptedPoolsAreSound(t *testing.T) {
	met := forSeeds(t, pools, func(hook *webhook, r *rand.Rand, met counts) error {
		created := write{mode: admission.Enforce, object: newPool(r)}
		mended, err := hook.normalize(created)
		if err != nil {
			return fmt.Errorf("%w\n%s", err, created)
		}
		return errors.Join(
			checkVerdict(hook, created, met),
			checkMended(hook, created, mended, met),
			checkReading(created.object, mended.object, met),
		)
	})
	wantDenials(t, met, "allocation-reassigned", "allocation-moved", "range-immutable")
	met.want(t, "mended and read as before", pools/100)
}

// TestAcceptedUpdatesAddNoDefect updates pools, healthy and broken ones: what is accepted has no defect that was not
// there before, moves no pod to another address, and gives no pod's address to another.
func TestAcceptedUpdatesAddNoDefect(t *testing.T) {
	met := forSeeds(t, pools, func(hook *webhook, r *rand.Rand, met counts) error {
		old := newPool(r)
		updated := write{mode: admission.Enforce, object: edited(r, old), old: old}
		mended, err := hook.normalize(updated)
		if err != nil {
			return fmt.Errorf("%w\n%s", err, updated)
		}
		return errors.Join(checkVerdict(hook, updated, met), checkMended(hook, updated, mended, met))
	})
	wantDenials(t, met, "range-required")
	met.want(t, "accepted with defects", pools/50)
}

// checkVerdict says what Whereabouts cannot use of a write that the webhook accepts, and could use before, and which new
// pools are refused for nothing.
func checkVerdict(hook *webhook, w write, met counts) error {
	answer, err := hook.validate(w)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, w)
	}
	met["entries"] += len(w.object.Spec.Allocations)
	for _, finding := range answer.findings {
		met[finding]++
	}
	if !answer.allowed {
		met["denied"]++
		return checkRefused(w, answer.message)
	}
	met["accepted"]++
	met["accepted entries"] += len(w.object.Spec.Allocations)
	if err := errors.Join(checkUsable(w, met), checkKept(w)); err != nil {
		return fmt.Errorf("accepted, but %w\n%s", err, w)
	}
	return nil
}

func checkUsable(w write, met counts) error {
	before, known, err := defectsBefore(w)
	if err != nil || !known {
		met["accepted without a range to count from"]++
		return err
	}
	now, err := defectsOf(w.object)
	if err != nil {
		return err
	}
	more := slices.DeleteFunc(now.beyond(before), func(what string) bool { return legacyInterfaces(w.object)[what] })
	switch {
	case len(more) > 0:
		return errors.New(strings.Join(more, ", "))
	case len(now) > 0:
		met["accepted with defects"]++
		return nil
	default:
		return checkRewritten(w.object)
	}
}

// legacyInterfaces returns the defects that are none: up to v0.7, Whereabouts recorded two interfaces of a pod without ifname and
// with one id.
func legacyInterfaces(pool *v1alpha1.IPPool) map[string]bool {
	ids, several := map[string]string{}, map[string]bool{}
	for _, a := range pool.Spec.Allocations {
		if a.IfName != "" {
			continue
		}
		if id, ok := ids[a.PodRef]; ok && id != a.ContainerID || a.ContainerID == "" {
			several[a.PodRef] = true
		}
		ids[a.PodRef] = a.ContainerID
	}
	none := map[string]bool{}
	for podref := range ids {
		if !several[podref] {
			none[lost(podref, "")] = true
		}
	}
	return none
}

// defectsBefore returns the defects that a pool may keep. They are not known where Whereabouts could not read its range:
// what an update of that brings to light was there before.
func defectsBefore(w write) (before defects, known bool, err error) {
	if w.old == nil {
		return defects{}, true, nil
	}
	if _, _, err := w.old.ParseCIDR(); err != nil {
		return nil, false, nil //nolint:nilerr // it is what the caller asks for
	}
	before, err = defectsOf(w.old)
	return before, true, err
}

// checkMended is checkVerdict for what the mutating webhook made of a write, if anything.
func checkMended(hook *webhook, asked, mended write, met counts) error {
	if mended.object == asked.object {
		return nil
	}
	met["mended"]++
	return checkVerdict(hook, mended, met)
}

// checkReading says what Whereabouts reads otherwise once the mutating webhook has mended a pool.
func checkReading(before, after *v1alpha1.IPPool, met counts) error {
	if before == after {
		return nil
	}
	was, err := read(before)
	if err != nil {
		return nil //nolint:nilerr // what Whereabouts could not read at all can only get better
	}
	is, err := read(after)
	if err != nil {
		return err
	}
	if was != is {
		return fmt.Errorf("mending %s\nto %s\nWhereabouts reads %s\ninstead of %s", encode(before), encode(after), is, was)
	}
	met["mended and read as before"]++
	return nil
}

// wantDenials fails the test unless a good part was accepted, a good part denied, and each rule denied something that
// denies writes other than deletions, objects with wrong types, which Whereabouts' own types do not have, and those that are
// excepted.
func wantDenials(t *testing.T, met counts, except ...string) {
	t.Helper()
	met.want(t, "accepted", pools/4)
	met.want(t, "accepted entries", pools*3/4)
	met.want(t, "denied", pools/4)
	excepted := " " + strings.Join(append(except, "delete-in-use", "field-type"), " ") + " "
	for _, rule := range rules.All(policy.Default().RuleOptions()) {
		if rule.Action == rules.Deny && !rule.ByFieldValidation && !strings.Contains(excepted, " "+rule.ID+" ") {
			met.want(t, "Deny "+rule.ID, pools/1000)
		}
	}
}
