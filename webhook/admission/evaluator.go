// Package admission turns a request about an IPPool into a result, with the rules and the policy.
package admission

import (
	"context"
	"fmt"

	"ippool-webhook/webhook/codec"
	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/review"
	"ippool-webhook/webhook/rules"
)

// Evaluator evaluates requests with one policy. Goroutines may share it, each with a Scratch of its own.
type Evaluator struct {
	set *rules.Set
	// actions holds the action of each rule of the set in enforce mode.
	actions []rules.Action
	// fieldValidation is the minimum strictness.
	fieldValidation policy.FieldValidation
	schema          *codec.Schema
	// denied holds the IDs of the rules that deny.
	denied map[string]bool
}

// NewEvaluator returns the evaluator of a policy that policy.Load or policy.Default has returned.
func NewEvaluator(p *policy.Policy) (*Evaluator, error) {
	schema, err := codec.NewSchema(p.KnownFields)
	if err != nil {
		return nil, fmt.Errorf("knownFields: %w", err)
	}
	e := &Evaluator{fieldValidation: p.FieldValidation, schema: schema, denied: map[string]bool{}}
	var evaluated []rules.Rule
	for _, rule := range rules.All(p.RuleOptions()) {
		action := p.ActionOf(rule)
		if action == rules.Off && !rule.ByFieldValidation {
			continue
		}
		evaluated = append(evaluated, rule)
		e.actions = append(e.actions, action)
		e.denied[rule.ID] = action == rules.Deny
	}
	if e.set, err = rules.NewSet(evaluated); err != nil {
		return nil, fmt.Errorf("cannot make the set of rules: %w", err)
	}
	return e, nil
}

// Rules returns the rules that are evaluated, in the order of reports.
func (e *Evaluator) Rules() []rules.Rule { return e.set.Rules() }

// Schema returns the fields that an IPPool may have. Requests are decoded with it.
func (e *Evaluator) Schema() *codec.Schema { return e.schema }

// Evaluate evaluates a request. The result uses the memory of s and the text of the request: it is valid until either is used
// again. Evaluate stops with the error of ctx when that ends.
func (e *Evaluator) Evaluate(ctx context.Context, q *review.Request, mode Mode, s *Scratch) (*Result, error) {
	s.begin(q, mode)
	evaluate := e.validate
	if mode == Normalize {
		evaluate = e.normalize
	}
	if err := evaluate(ctx, s); err != nil {
		return nil, err
	}
	return &s.result, nil
}

// validate evaluates the rules and decides whether the request is allowed.
func (e *Evaluator) validate(ctx context.Context, s *Scratch) error {
	q, observes := s.result.Request, s.result.Mode == Observe
	if err := checkRequest(q); err != nil {
		s.reject(badRequest(err), observes)
		return nil
	}
	if status := checkSize(q); status != nil {
		s.reject(*status, observes || shrinks(q))
		return nil
	}
	if err := e.find(ctx, s); err != nil {
		return err
	}
	e.decide(s)
	s.respond()
	return nil
}

// find collects the findings of the rules in s.
func (e *Evaluator) find(ctx context.Context, s *Scratch) error {
	q := s.result.Request
	s.pool.Index(s.result.Pool())
	s.subject = rules.Subject{Pool: &s.pool}
	switch q.Operation {
	case review.Delete:
		return e.set.CheckDelete(ctx, &s.pool, &s.found)
	case review.Update:
		s.old.Index(&q.OldObject)
		s.change.Compare(&s.old, &s.pool)
		s.subject.Change = &s.change
		return e.set.CheckUpdate(ctx, &s.change, &s.found)
	default:
		return e.set.CheckPool(ctx, &s.pool, &s.found)
	}
}

// decide takes an action for each finding. Existing findings deny no update.
func (e *Evaluator) decide(s *Scratch) {
	for i := range e.set.Rules() {
		rule := &e.set.Rules()[i]
		action := e.actionOf(i, s.result.Request)
		existing := min(action, rules.Warn)
		if s.result.Mode == Observe {
			action, existing = observed(action), min(observed(action), rules.Warn)
		}
		s.take(s.found.New(i), Total{Rule: rule, Action: action})
		s.take(s.found.Existing(i), Total{Rule: rule, Action: existing, Existing: true})
	}
	s.sort()
}

// actionOf returns the action in enforce mode for a new finding of the rule at an index of the set.
func (e *Evaluator) actionOf(rule int, q *review.Request) rules.Action {
	if !e.set.Rules()[rule].ByFieldValidation {
		return e.actions[rule]
	}
	return max(policy.FieldValidation(q.FieldValidation).Action(), e.fieldValidation.Action())
}

// observed returns the action in observe mode for an action in enforce mode.
func observed(action rules.Action) rules.Action {
	if action > rules.Audit {
		return action - 1
	}
	return action
}
