// Package admission decides: it turns a request about an IPPool into a response, with the rules, the ratchet and what is
// known of the writer.
package admission

import (
	"fmt"

	"ippool-webhook/webhook/ippool"
	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/review"
	"ippool-webhook/webhook/rules"
)

// Writer tells apart who writes.
type Writer int

// The writers.
const (
	Ordinary Writer = iota
	Trusted
	numWriters
)

// String returns the writer as metrics and logs spell it.
func (w Writer) String() string { return [...]string{"ordinary", "trusted"}[w] }

// Judge decides requests by one policy. It may be used by many goroutines, each with a Workspace of its own.
type Judge struct {
	set     *rules.Set
	actions [numWriters][]rules.Action // by the rule's place in set
	trusted map[string]struct{}
	floor   policy.FieldValidation
	// reduced says that the actions for trusted writers are one step lower.
	reduced bool
}

// NewJudge returns the judge of a policy that policy.Load or policy.Default has returned.
func NewJudge(p *policy.Policy) (*Judge, error) {
	j := &Judge{
		trusted: map[string]struct{}{},
		floor:   p.FieldValidation,
		reduced: p.TrustedWriters.Enforcement == policy.Reduced,
	}
	for _, username := range p.TrustedWriters.Usernames {
		j.trusted[username] = struct{}{}
	}
	var asked []rules.Rule
	for _, rule := range rules.All(p.RuleOptions()) {
		action := p.ActionOf(rule)
		if action == rules.Off && !rule.ByFieldValidation {
			continue
		}
		asked = append(asked, rule)
		j.actions[Ordinary] = append(j.actions[Ordinary], action)
		j.actions[Trusted] = append(j.actions[Trusted], j.reduce(action))
	}
	set, err := rules.NewSet(asked)
	if err != nil {
		return nil, fmt.Errorf("cannot make the set of rules: %w", err)
	}
	j.set = set
	return j, nil
}

// Rules returns the rules that are asked, in the order in which findings number them.
func (j *Judge) Rules() []rules.Rule { return j.set.Rules() }

// reduce returns the action that binds trusted writers where action binds ordinary ones: a denial of a Whereabouts write
// can cost a pod the record of its address.
func (j *Judge) reduce(action rules.Action) rules.Action {
	if j.reduced && action > rules.Audit {
		return action - 1
	}
	return action
}

func (j *Judge) writerOf(q *review.Request) Writer {
	if _, ok := j.trusted[q.Username]; ok {
		return Trusted
	}
	return Ordinary
}

// Validate decides the request that w has decoded and leaves the response in w.
func (j *Judge) Validate(w *Workspace) {
	if !j.begin(w) {
		return
	}
	if w.Request.Operation == review.Update && w.Request.OldObject.Deleting {
		return // only finalizers can still change, and denying that would keep the object for ever
	}
	j.find(w)
	j.decide(w)
	w.respond(j.set)
}

// begin makes w ready for its request. It reports false where that cannot be judged, and has been answered.
func (j *Judge) begin(w *Workspace) bool {
	w.begin(j.writerOf(&w.Request))
	if err := checkRequest(&w.Request); err != nil {
		w.reject(err)
		return false
	}
	return true
}

// find collects in w what the rules find.
func (j *Judge) find(w *Workspace) {
	q := &w.Request
	w.subject = rules.Subject{Pool: &q.Object}
	switch q.Operation {
	case review.Delete:
		w.subject.Pool = &q.OldObject
		j.set.CheckDelete(&q.OldObject, &w.found)
	case review.Update:
		j.set.CheckPool(&q.Object, &w.found)
		w.ratcheted = len(w.found.Findings)
		w.change.Compare(&q.OldObject, &q.Object)
		w.subject.Change = &w.change
		j.set.CheckUpdate(&w.change, &w.found)
	default:
		j.set.CheckPool(&q.Object, &w.found)
	}
}

// decide turns what was found into what is done about it.
func (j *Judge) decide(w *Workspace) {
	if len(w.found.Findings) == 0 {
		return
	}
	if w.ratcheted > 0 {
		j.findBefore(w)
	}
	for i, finding := range w.found.Findings {
		action := j.actionOf(w, finding)
		existing := i < w.ratcheted && w.before.has(&w.Request.Object, finding, j.set.Rule(finding))
		if existing {
			action = min(action, rules.Warn)
		}
		if action > rules.Off {
			w.Decided = append(w.Decided, Decided{Finding: finding, Action: action, Existing: existing})
		}
	}
	w.sort()
}

// findBefore makes w know what was wrong before the update. A malformed old range is taken for what it evidently means;
// where it means nothing, the offsets are judged by the new one: mending the range must not be refused for what it brings
// to light.
func (j *Judge) findBefore(w *Workspace) {
	old := &w.Request.OldObject
	w.before.rangeKnown = old.Counted.IsValid()
	if !w.before.rangeKnown {
		old.Counted = w.Request.Object.Counted
	}
	old.Range = old.Counted
	j.set.RecheckPool(old, &w.foundBefore, w.rulesToRecheck())
	w.before.remember(old, w.foundBefore.Findings)
}

// actionOf returns what is done about a finding that the write introduces.
func (j *Judge) actionOf(w *Workspace, finding rules.Finding) rules.Action {
	if !j.set.Rule(finding).ByFieldValidation {
		return j.actions[w.Writer][finding.Rule]
	}
	asked := policy.FieldValidation(w.Request.FieldValidation).Action()
	if w.Writer == Trusted {
		return j.reduce(asked)
	}
	return max(asked, j.floor.Action())
}

// checkRequest says why a request is not one to decide on.
func checkRequest(q *review.Request) error {
	if q.Group != ippool.Group || q.Version != ippool.Version || q.Kind != ippool.Kind {
		return fmt.Errorf("request.kind is %.64q of %.64q in version %.64q, want %q of %q in version %q",
			q.Kind, q.Group, q.Version, ippool.Kind, ippool.Group, ippool.Version)
	}
	switch q.Operation {
	case review.Create, review.Update:
		return checkObject("request.object", &q.Object)
	case review.Delete:
		return checkObject("request.oldObject", &q.OldObject)
	default:
		return fmt.Errorf("request.operation is %.64q, want %s, %s or %s", q.Operation, review.Create, review.Update, review.Delete)
	}
}

// checkObject says why an object cannot be judged.
func checkObject(path string, p *ippool.Pool) error {
	if !p.Present {
		return fmt.Errorf("%s is absent, want an %s", path, ippool.Kind)
	}
	if err := p.Err(); err != nil {
		return fmt.Errorf("%s cannot be decoded: %w", path, err)
	}
	if want := ippool.Group + "/" + ippool.Version; p.APIVersion != want || p.Kind != ippool.Kind {
		return fmt.Errorf("%s is %.64q of %.64q, want %q of %q", path, p.Kind, p.APIVersion, ippool.Kind, want)
	}
	return nil
}
