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

// pools is the number of random pools for each property.
const pools = 100_000

// TestAcceptedPoolsAreSound creates pools, both unchanged and normalized by the mutating webhook. If a pool is accepted,
// Whereabouts must read each allocation as a different address in the range, find the allocation of each owner, and write back
// the same pool. If a pool is denied, it must have a defect for Whereabouts.
func TestAcceptedPoolsAreSound(t *testing.T) {
	met := forSeeds(t, pools, func(hook *webhook, r *rand.Rand, met counts) error {
		created := write{mode: admission.Enforce, object: newPool(r)}
		normalized, err := hook.normalize(created)
		if err != nil {
			return fmt.Errorf("%w\n%s", err, created)
		}
		return errors.Join(
			checkDecision(hook, created, met),
			checkNormalized(hook, created, normalized, met),
			checkReading(created.object, normalized.object, met),
		)
	})
	wantDenials(t, met, "allocation-reassigned", "allocation-moved", "range-immutable")
	met.require(t, "normalized and read as before", pools/100)
}

// TestAcceptedUpdatesAddNoDefect updates pools, with and without findings. An accepted update adds no defect, moves no pod to
// another address, and assigns no address of a pod to another pod.
func TestAcceptedUpdatesAddNoDefect(t *testing.T) {
	met := forSeeds(t, pools, func(hook *webhook, r *rand.Rand, met counts) error {
		old := newPool(r)
		updated := write{mode: admission.Enforce, object: edited(r, old), old: old}
		normalized, err := hook.normalize(updated)
		if err != nil {
			return fmt.Errorf("%w\n%s", err, updated)
		}
		return errors.Join(checkDecision(hook, updated, met), checkNormalized(hook, updated, normalized, met))
	})
	wantDenials(t, met, "range-required")
	met.require(t, "accepted with defects", pools/50)
}

// checkDecision returns an error if an accepted request adds a defect for Whereabouts, or if a new pool is denied without a
// reason.
func checkDecision(hook *webhook, w write, met counts) error {
	answer, err := hook.validate(w)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, w)
	}
	met["allocations"] += len(w.object.Spec.Allocations)
	for _, finding := range answer.findings {
		met[finding]++
	}
	if !answer.allowed {
		met["denied"]++
		return checkDenied(w, answer.message)
	}
	met["accepted"]++
	met["accepted allocations"] += len(w.object.Spec.Allocations)
	if err := errors.Join(checkUsable(w, met), checkKept(w)); err != nil {
		return fmt.Errorf("accepted, but %w\n%s", err, w)
	}
	return nil
}

func checkUsable(w write, met counts) error {
	before, known, err := defectsBefore(w)
	if err != nil || !known {
		met["accepted without a readable range before"]++
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

// legacyInterfaces returns the defects that a valid pool can have: up to v0.7, Whereabouts stored the allocations of two
// interfaces of a pod without ifname and with one id.
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

// defectsBefore returns the defects that a pool may keep. If Whereabouts could not read the range, they are unknown: a
// corrected range can reveal defects that existed before.
func defectsBefore(w write) (before defects, known bool, err error) {
	if w.old == nil {
		return defects{}, true, nil
	}
	if _, _, err := w.old.ParseCIDR(); err != nil {
		return nil, false, nil //nolint:nilerr // the caller expects it
	}
	before, err = defectsOf(w.old)
	return before, true, err
}

// checkNormalized is checkDecision for the normalized request, if it was normalized.
func checkNormalized(hook *webhook, written, normalized write, met counts) error {
	if normalized.object == written.object {
		return nil
	}
	met["normalized"]++
	return checkDecision(hook, normalized, met)
}

// checkReading returns an error if Whereabouts reads a pool differently after the mutating webhook has normalized it.
func checkReading(before, after *v1alpha1.IPPool, met counts) error {
	if before == after {
		return nil
	}
	was, err := read(before)
	if err != nil {
		return nil //nolint:nilerr // Whereabouts could not read the pool before, so nothing can get worse
	}
	is, err := read(after)
	if err != nil {
		return err
	}
	if was != is {
		return fmt.Errorf("normalizing %s\nto %s\nWhereabouts reads %s\ninstead of %s", encode(before), encode(after), is, was)
	}
	met["normalized and read as before"]++
	return nil
}

// wantDenials fails the test unless many pools were accepted, many were denied, and each rule has denied some. It excludes the
// rules in except, and rules about deletions and wrong types. The Go types of Whereabouts cannot have wrong types.
func wantDenials(t *testing.T, met counts, except ...string) {
	t.Helper()
	met.require(t, "accepted", pools/4)
	met.require(t, "accepted allocations", pools*3/4)
	met.require(t, "denied", pools/4)
	excepted := " " + strings.Join(append(except, "delete-in-use", "field-type"), " ") + " "
	for _, rule := range rules.All(policy.Default().RuleOptions()) {
		if rule.Action == rules.Deny && !rule.ByFieldValidation && !strings.Contains(excepted, " "+rule.ID+" ") {
			met.require(t, "Deny "+rule.ID, pools/1000)
		}
	}
}
