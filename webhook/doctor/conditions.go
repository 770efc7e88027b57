package doctor

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
)

// condition is a match condition, apart from whom it names: platform teams trust other writers than the shipped ones.
type condition struct {
	name string
	// form is the expression with one space for any white space, and an empty list in the place of the user names.
	form string
	// writers are the user names in the expression, sorted.
	writers []string
}

const userName = "request.userInfo.username"

// releaseCondition spares trusted writers a call. A policy that has them denied goes without it.
const releaseCondition = "more-than-a-release"

// The user names in an expression of CEL, and a list of them.
var (
	quoted   = regexp.MustCompile(`'[^']*'|"[^"]*"`)
	nameList = regexp.MustCompile(`\[\s*(?:(?:'[^']*'|"[^"]*")\s*,?\s*)*\]`)
)

func parseCondition(c admissionv1.MatchCondition) condition {
	parsed := condition{name: c.Name, form: c.Expression}
	if strings.Contains(c.Expression, userName) {
		for _, name := range quoted.FindAllString(strings.Join(nameList.FindAllString(c.Expression, -1), " "), -1) {
			parsed.writers = append(parsed.writers, name[1:len(name)-1])
		}
		parsed.form = nameList.ReplaceAllString(c.Expression, "[]")
	}
	slices.Sort(parsed.writers)
	parsed.writers = slices.Compact(parsed.writers)
	parsed.form = strings.Join(strings.Fields(parsed.form), " ")
	return parsed
}

// aboutWriter reports whether a condition tells trusted writers from ordinary ones.
func (c condition) aboutWriter() bool { return strings.Contains(c.form, userName) }

func conditionsOf(e entry) []condition {
	conditions := make([]condition, len(e.MatchConditions))
	for i, c := range e.MatchConditions {
		conditions[i] = parseCondition(c)
	}
	return conditions
}

// writersOf returns the trusted writers that an entry names.
func writersOf(e entry) []string {
	var writers []string
	for _, c := range conditionsOf(e) {
		writers = append(writers, c.writers...)
	}
	return writers
}

// sparesReleases reports whether an entry has releaseCondition.
func (e entry) sparesReleases() bool {
	return slices.ContainsFunc(e.MatchConditions, func(c admissionv1.MatchCondition) bool { return c.Name == releaseCondition })
}

// compareConditions returns how the match conditions of e differ from those that are shipped. A condition more leaves writes
// out; without one there are merely more calls, unless it is the one that keeps Whereabouts away from failurePolicy Fail. Going
// without releaseCondition is a choice.
func compareConditions(at string, e, want entry) []problem {
	var problems []problem
	add := func(status Status, name, what, remedy string) {
		problems = append(problems, problem{status, fmt.Sprintf("%s: matchConditions %s %s", e.Name, name, what), remedy})
	}
	got, shipped := conditionsOf(e), conditionsOf(want)
	for _, w := range shipped {
		i := slices.IndexFunc(got, func(c condition) bool { return c.name == w.name })
		remedy := "set matchConditions in " + at + " to those of the shipped manifest"
		switch {
		case i < 0 && w.name == releaseCondition:
		case i < 0 && w.aboutWriter():
			add(Fail, w.name, "is missing: it tells trusted writers from ordinary ones", remedy)
		case i < 0:
			add(Warn, w.name, "is missing: writes that need no call are sent", remedy)
		case got[i].form != w.form:
			add(Fail, w.name, fmt.Sprintf("is %s, want %s", got[i].form, w.form), remedy)
		}
	}
	for _, g := range got {
		if !slices.ContainsFunc(shipped, func(c condition) bool { return c.name == g.name }) {
			add(Fail, g.name, "is not shipped: the writes that it leaves out are not guarded", "remove it from matchConditions in "+at)
		}
	}
	return problems
}

// compareWriters returns a problem where two entries name other trusted writers: one of them is then judged by no entry, or
// by the one whose failurePolicy it must not meet.
func compareWriters(at string, e, reference entry) []problem {
	only := func(a, b entry) string {
		var names []string
		for _, name := range writersOf(a) {
			if !slices.Contains(writersOf(b), name) {
				names = append(names, name)
			}
		}
		if len(names) == 0 {
			return ""
		}
		return ", only " + a.Name + " has " + strings.Join(names, " and ")
	}
	if difference := only(e, reference) + only(reference, e); difference != "" {
		return []problem{{Fail, "the entries name different trusted writers" + difference,
			"write one list into matchConditions in " + at + " and in all other entries, and into trustedWriters.usernames of the Policy"}}
	}
	return nil
}
