package policy

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"ippool-webhook/webhook/codec"
	"ippool-webhook/webhook/rules"
)

// validate returns every mistake in the values of p.
func (p *Policy) validate() field.ErrorList {
	var mistakes field.ErrorList
	mistakes = append(mistakes, required(field.NewPath("apiVersion"), p.APIVersion, APIVersion)...)
	mistakes = append(mistakes, required(field.NewPath("kind"), p.Kind, Kind)...)
	mistakes = append(mistakes, validateRules(p.Rules, field.NewPath("rules"))...)
	mistakes = append(mistakes, validateKnownFields(p.KnownFields, field.NewPath("knownFields"))...)
	return append(mistakes, optional(field.NewPath("fieldValidation"), p.FieldValidation, Ignore, Warn, Strict)...)
}

func validateKnownFields(paths []string, path *field.Path) field.ErrorList {
	var mistakes field.ErrorList
	for i, known := range paths {
		if _, err := codec.NewSchema([]string{known}); err != nil {
			mistakes = append(mistakes, field.Invalid(path.Index(i), known, codec.PathForms))
		}
	}
	return mistakes
}

func validateRules(settings map[string]RuleSettings, path *field.Path) field.ErrorList {
	var mistakes field.ErrorList
	known := map[string]rules.Rule{}
	for _, rule := range rules.All(rules.Options{}) {
		known[rule.ID] = rule
	}
	for _, id := range slices.Sorted(maps.Keys(settings)) {
		rule, ok := known[id]
		if !ok {
			mistakes = append(mistakes, field.NotSupported(path.Child(id), id, slices.Sorted(maps.Keys(known))))
			continue
		}
		mistakes = append(mistakes, validateRule(rule, settings[id], path.Child(id))...)
	}
	return mistakes
}

func validateRule(rule rules.Rule, s RuleSettings, path *field.Path) field.ErrorList {
	var mistakes field.ErrorList
	switch {
	case rule.ByFieldValidation && s.Action != "":
		mistakes = append(mistakes, field.Forbidden(path.Child("action"), "must be absent; set fieldValidation instead"))
	default:
		mistakes = append(mistakes, optional(path.Child("action"), string(s.Action),
			rules.Deny.String(), rules.Warn.String(), rules.Audit.String(), rules.Off.String())...)
	}
	if rule.ID != "podref-duplicate" {
		if s.Scope != "" {
			mistakes = append(mistakes, field.Forbidden(path.Child("scope"), "must be absent; only podref-duplicate has a scope"))
		}
		return mistakes
	}
	return append(mistakes, optional(path.Child("scope"), s.Scope, rules.ScopeInterface, rules.ScopePod)...)
}

// optional allows an absent value or one of the allowed ones.
func optional[T ~string](path *field.Path, value T, allowed ...T) field.ErrorList {
	if value == "" {
		return nil
	}
	return required(path, value, allowed...)
}

// required allows one of the allowed values.
func required[T ~string](path *field.Path, value T, allowed ...T) field.ErrorList {
	switch {
	case slices.Contains(allowed, value):
		return nil
	case value == "":
		return field.ErrorList{field.Required(path, fmt.Sprintf("must be %v", allowed[0]))}
	default:
		return field.ErrorList{field.NotSupported(path, value, allowed)}
	}
}
