package doctor

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
)

// nameList is the comma-separated list of further user names in a match condition: the only text in double quotes.
var nameList = regexp.MustCompile(`"[^"]*"`)

// form returns an expression with one space for any white space, and with an empty list of user names.
func form(c admissionv1.MatchCondition) string {
	return nameList.ReplaceAllString(strings.Join(strings.Fields(c.Expression), " "), `""`)
}

// extraUsernames returns the further user names in the match conditions of a webhook, sorted.
func extraUsernames(got webhook) []string {
	var names []string
	for _, c := range got.MatchConditions {
		for name := range strings.SplitSeq(strings.Trim(nameList.FindString(c.Expression), `"`), ",") {
			if name = strings.TrimSpace(name); name != "" {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// compareConditions returns how the match conditions of got differ from those that are shipped, apart from user names.
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
		case form(got.MatchConditions[i]) != form(w):
			fail(w.Name, fmt.Sprintf("must be %s, is %s", form(w), form(got.MatchConditions[i])), remedy)
		}
	}
	for _, c := range got.MatchConditions {
		if !slices.ContainsFunc(want.MatchConditions, func(w admissionv1.MatchCondition) bool { return w.Name == c.Name }) {
			fail(c.Name, "is not shipped: the requests that it excludes are not validated", removeCondition(at))
		}
	}
	return problems
}

// compareUsernames returns a problem if two webhooks have different user names: the requests of some of them are then treated
// in two modes, or in none.
func compareUsernames(at string, got, reference webhook) []problem {
	only := func(a, b webhook) string {
		var names []string
		for _, name := range extraUsernames(a) {
			if !slices.Contains(extraUsernames(b), name) {
				names = append(names, name)
			}
		}
		if len(names) == 0 {
			return ""
		}
		return ", only " + a.Name + " has " + strings.Join(names, " and ")
	}
	if difference := only(got, reference) + only(reference, got); difference != "" {
		return []problem{{Fail, "the webhooks have different user names" + difference,
			setUsernames(at)}}
	}
	return nil
}
