package doctor

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
)

// nameList matches the comma-separated list of extra user names in a match condition. The list is the only text in double quotes.
var nameList = regexp.MustCompile(`"[^"]*"`)

// normalized returns the expression of a match condition with single spaces as white space and an empty list of user names.
func normalized(c admissionv1.MatchCondition) string {
	return nameList.ReplaceAllString(strings.Join(strings.Fields(c.Expression), " "), `""`)
}

// extraUsernames returns the extra user names in the match conditions of a webhook, sorted and without duplicates.
func extraUsernames(w webhook) []string {
	names := make([]string, 0, len(w.MatchConditions))
	for _, c := range w.MatchConditions {
		names = append(names, usernamesIn(c.Expression)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// usernamesIn returns the extra user names in an expression.
func usernamesIn(expression string) []string {
	var names []string
	for name := range strings.SplitSeq(strings.Trim(nameList.FindString(expression), `"`), ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// compareConditions returns the differences between match conditions, apart from extra user names.
func compareConditions(at string, got, want webhook) []problem {
	var problems []problem
	fail := func(name, what, remedy string) {
		problems = append(problems, problem{Fail, fmt.Sprintf("%s: matchConditions %s %s", got.Name, name, what), remedy})
	}
	for _, w := range want.MatchConditions {
		i := slices.IndexFunc(got.MatchConditions, func(c admissionv1.MatchCondition) bool { return c.Name == w.Name })
		remedy := setConditions(at)
		switch {
		case i < 0:
			fail(w.Name, "is missing: it distinguishes users from Whereabouts", remedy)
		case normalized(got.MatchConditions[i]) != normalized(w):
			fail(w.Name, fmt.Sprintf("must be %s, is %s", normalized(w), normalized(got.MatchConditions[i])), remedy)
		}
	}
	for _, c := range got.MatchConditions {
		if !slices.ContainsFunc(want.MatchConditions, func(w admissionv1.MatchCondition) bool { return w.Name == c.Name }) {
			fail(c.Name, "is not in the shipped manifests: the webhook does not validate the requests that it excludes", removeCondition(at))
		}
	}
	return problems
}

// checkUsernames returns a problem for each extra user name that is not complete. The API server compares whole user names.
func checkUsernames(at string, w webhook) []problem {
	var problems []problem
	for _, name := range extraUsernames(w) {
		if strings.ContainsAny(name, "*? \t\n") {
			problems = append(problems, problem{Fail, fmt.Sprintf("%s: user name %q must be complete, without wildcards and white space", w.Name, name),
				completeUsername(at)})
		}
	}
	return problems
}

// compareUsernames returns a problem if two webhooks have different user names. The requests of these users are then validated in
// two modes, or not validated.
func compareUsernames(at string, a, b webhook) []problem {
	var differences []string
	if names := onlyIn(a, b); len(names) > 0 {
		differences = append(differences, "only "+a.Name+" has "+strings.Join(names, " and "))
	}
	if names := onlyIn(b, a); len(names) > 0 {
		differences = append(differences, "only "+b.Name+" has "+strings.Join(names, " and "))
	}
	if len(differences) == 0 {
		return nil
	}
	return []problem{{Fail, "the webhooks have different user names: " + strings.Join(differences, ", "), setUsernames(at)}}
}

// onlyIn returns the extra user names that a has and b does not have.
func onlyIn(a, b webhook) []string {
	others := extraUsernames(b)
	return slices.DeleteFunc(extraUsernames(a), func(name string) bool { return slices.Contains(others, name) })
}
