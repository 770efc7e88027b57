package doctor

import (
	"fmt"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/ext"
	admissionv1 "k8s.io/api/admissionregistration/v1"
)

// matches reports whether the API server calls a webhook when a user creates a pool. It evaluates the match conditions as the API
// server does (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions).
func matches(conditions []admissionv1.MatchCondition, username string) (bool, error) {
	env, err := cel.NewEnv(cel.Variable("request", cel.DynType), cel.Variable("object", cel.DynType), cel.Variable("oldObject", cel.DynType),
		cel.OptionalTypes(), ext.Strings())
	if err != nil {
		return false, err
	}
	input := map[string]any{
		"request": map[string]any{"operation": "CREATE", "userInfo": map[string]any{"username": username}},
		"object":  map[string]any{}, "oldObject": nil,
	}
	for _, c := range conditions {
		parsed, issues := env.Compile(c.Expression)
		if issues.Err() != nil {
			return false, fmt.Errorf("matchConditions %s: %w", c.Name, issues.Err())
		}
		program, err := env.Program(parsed)
		if err != nil {
			return false, fmt.Errorf("matchConditions %s: %w", c.Name, err)
		}
		result, _, err := program.Eval(input)
		if err != nil {
			return false, fmt.Errorf("matchConditions %s: %w", c.Name, err)
		}
		if result.Value() != true {
			return false, nil
		}
	}
	return true, nil
}
