// Package policy reads the configuration file of the webhook: strictly, with defaults, and validated.
package policy

import (
	"encoding/json"

	"ippool-webhook/webhook/rules"
)

// The identity of the configuration file.
const (
	APIVersion = "config.ippool-webhook/v1alpha1"
	Kind       = "Policy"
)

// Policy is the content of the configuration file.
type Policy struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	// Rules changes rules by their ID. Other rules keep their defaults.
	Rules map[string]RuleSettings `json:"rules,omitempty"`
	// KnownFields are paths of fields that the CRD has and this schema lacks: NAME, spec.NAME or spec.allocations.*.NAME.
	KnownFields []string `json:"knownFields,omitempty"`
	// FieldValidation is the minimum strictness, for every client: Ignore, Warn or Strict.
	FieldValidation FieldValidation `json:"fieldValidation,omitempty"`
}

// RuleSettings changes one rule.
type RuleSettings struct {
	// Action is Deny, Warn, Audit or Off, in enforce mode. Empty keeps the rule's default.
	Action Action `json:"action,omitempty"`
	// Scope is for podref-duplicate alone: Interface or Pod.
	Scope rules.PodRefScope `json:"scope,omitempty"`
}

// Action is the name of a rules.Action.
type Action string

// UnmarshalJSON reads a name. Off without quotes is a name too, although it is a boolean in YAML 1.1.
func (a *Action) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case "false":
		*a = Action(rules.Off.String())
		return nil
	case "true":
		*a = "On" // validation rejects it with the path of the field
		return nil
	}
	return json.Unmarshal(text, (*string)(a))
}

// FieldValidation is the strictness about unknown and duplicate fields (metav1.FieldValidationIgnore and others).
type FieldValidation string

// The levels of field validation, from the most lenient to the strictest.
const (
	Ignore FieldValidation = "Ignore"
	Warn   FieldValidation = "Warn"
	Strict FieldValidation = "Strict"
)

// Action returns the action for an unknown or duplicate field. An empty level means Warn, as in the API server; so does a level
// that the API server does not know.
func (v FieldValidation) Action() rules.Action {
	switch v {
	case Ignore:
		return rules.Off
	case Strict:
		return rules.Deny
	default:
		return rules.Warn
	}
}

// Default returns the policy of an empty configuration file.
func Default() *Policy {
	p := &Policy{APIVersion: APIVersion, Kind: Kind}
	p.setDefaults()
	return p
}

func (p *Policy) setDefaults() {
	if p.FieldValidation == "" {
		p.FieldValidation = Ignore
	}
}

// RuleOptions returns the options of the rules.
func (p *Policy) RuleOptions() rules.Options {
	scope := p.Rules["podref-duplicate"].Scope
	if scope == "" {
		scope = rules.ScopeInterface
	}
	return rules.Options{PodRefDuplicateScope: scope}
}

// ActionOf returns the action of a rule in enforce mode.
func (p *Policy) ActionOf(rule rules.Rule) rules.Action {
	if action, ok := rules.ParseAction(string(p.Rules[rule.ID].Action)); ok {
		return action
	}
	return rule.Action
}
