package doctor

import (
	"slices"
	"strings"
	"unicode"
)

// problem is one thing that a check found wrong, or could not check.
type problem struct {
	status          Status // Warn or Fail
	message, remedy string
}

// verdict is what a check found: all that is wrong, or what holds where nothing is.
type verdict struct {
	passed   string
	problems []problem
}

func (v *verdict) add(problems ...problem)     { v.problems = append(v.problems, problems...) }
func (v *verdict) warn(message, remedy string) { v.add(problem{Warn, message, remedy}) }
func (v *verdict) fail(message, remedy string) { v.add(problem{Fail, message, remedy}) }

// notChecked is the verdict of a check that needs what another one found missing or unreadable.
func notChecked(status Status, reason, check string) verdict {
	return verdict{problems: []problem{{status, "not checked: " + reason, see(check)}}}
}

// result makes one line of the verdict: failures before warnings, and each remedy once.
func (v verdict) result(name string) Result {
	if len(v.problems) == 0 {
		return Result{Name: name, Status: Pass, Message: printable(v.passed)}
	}
	result := Result{Name: name, Status: Warn}
	var messages, remedies []string
	for _, status := range []Status{Fail, Warn} {
		for _, p := range v.problems {
			if p.status != status {
				continue
			}
			if status == Fail {
				result.Status = Fail
			}
			messages = append(messages, printable(p.message))
			if !slices.Contains(remedies, printable(p.remedy)) {
				remedies = append(remedies, printable(p.remedy))
			}
		}
	}
	result.Message, result.Remedy = strings.Join(messages, "; "), strings.Join(remedies, "; ")
	return result
}

// printable returns text as one line that is safe for a terminal: some of it comes from the cluster.
func printable(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)), " ")
}
