// Package admission decides: it turns a request about an IPPool into a response, with the rules, the policy and what is
// known of the user.
package admission

import (
	"context"
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
	schema  *ippool.Schema
	// reduced says that the actions for trusted writers are one step lower.
	reduced bool
	// denied holds the IDs of the rules that deny ordinary writers.
	denied map[string]bool
}

// NewJudge returns the judge of a policy that policy.Load or policy.Default has returned.
func NewJudge(p *policy.Policy) (*Judge, error) {
	schema, err := ippool.NewSchema(p.KnownFields)
	if err != nil {
		return nil, fmt.Errorf("knownFields: %w", err)
	}
	j := &Judge{
		trusted: map[string]struct{}{},
		floor:   p.FieldValidation,
		schema:  schema,
		reduced: p.TrustedWriters.Enforcement == policy.Reduced,
		denied:  map[string]bool{},
	}
	for _, username := range p.TrustedWriters.Usernames {
		j.trusted[username] = struct{}{}
	}
	var evaluated []rules.Rule
	for _, rule := range rules.All(p.RuleOptions()) {
		action := p.ActionOf(rule)
		if action == rules.Off && !rule.ByFieldValidation {
			continue
		}
		evaluated = append(evaluated, rule)
		j.actions[Ordinary] = append(j.actions[Ordinary], action)
		j.actions[Trusted] = append(j.actions[Trusted], j.reduce(action))
		j.denied[rule.ID] = action == rules.Deny
	}
	if j.set, err = rules.NewSet(evaluated); err != nil {
		return nil, fmt.Errorf("cannot make the set of rules: %w", err)
	}
	return j, nil
}

// Rules returns the rules that are evaluated, in the order in which findings number them.
func (j *Judge) Rules() []rules.Rule { return j.set.Rules() }

// Schema returns the fields that an IPPool may have.
func (j *Judge) Schema() *ippool.Schema { return j.schema }

// reduce returns the action for trusted writers where action is that for ordinary ones: a denial of a Whereabouts write
// can leave a pod with an address that no pool records.
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

// Validate decides the request that w has decoded and leaves the response in w. It stops with the context's error where
// that ends; w then holds no response.
func (j *Judge) Validate(ctx context.Context, w *Workspace) error {
	w.begin(j.writerOf(&w.Request))
	if err := checkRequest(&w.Request); err != nil {
		w.reject(badRequest(err), j.observes(w))
		return nil
	}
	if s := checkSize(&w.Request); s != nil {
		w.reject(*s, j.observes(w) || shrinks(&w.Request))
		return nil
	}
	if err := j.find(ctx, w); err != nil {
		return err
	}
	j.decide(w)
	w.respond(j.set)
	return nil
}

// observes reports whether the request must not be denied.
func (j *Judge) observes(w *Workspace) bool { return w.Writer == Trusted && j.reduced }

// find collects in w what the rules find.
func (j *Judge) find(ctx context.Context, w *Workspace) error {
	q := &w.Request
	w.subject = rules.Subject{Pool: &q.Object}
	switch q.Operation {
	case review.Delete:
		w.subject.Pool = &q.OldObject
		return j.set.CheckDelete(ctx, &q.OldObject, &w.found)
	case review.Update:
		w.change.Compare(&q.OldObject, &q.Object)
		w.subject.Change = &w.change
		return j.set.CheckUpdate(ctx, &w.change, &w.found)
	default:
		return j.set.CheckPool(ctx, &q.Object, &w.found)
	}
}

// decide turns what was found into what is done about it. An update is not denied for existing findings.
func (j *Judge) decide(w *Workspace) {
	for i := range j.set.Rules() {
		action := j.actionOf(w, i)
		w.take(w.found.New(i), Total{Rule: i, Action: action})
		w.take(w.found.Existing(i), Total{Rule: i, Action: min(action, rules.Warn), Existing: true})
	}
	w.sort()
}

// actionOf returns what is done about a new finding of the rule with a place in the set.
func (j *Judge) actionOf(w *Workspace, rule int) rules.Action {
	if !j.set.Rules()[rule].ByFieldValidation {
		return j.actions[w.Writer][rule]
	}
	wanted := policy.FieldValidation(w.Request.FieldValidation).Action()
	if w.Writer == Trusted {
		return j.reduce(wanted)
	}
	return max(wanted, j.floor.Action())
}
