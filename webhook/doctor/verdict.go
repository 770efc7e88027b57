package doctor

import (
	"slices"
	"strconv"
	"strings"
)

// problem is a problem that a check found, or the reason why the check could not run.
type problem struct {
	status          Status // Warn or Fail
	message, remedy string
}

// verdict is the result of a check: its problems or, without problems, the message passed.
type verdict struct {
	passed   string
	problems []problem
}

func (v *verdict) add(problems ...problem)     { v.problems = append(v.problems, problems...) }
func (v *verdict) warn(message, remedy string) { v.add(problem{Warn, message, remedy}) }
func (v *verdict) fail(message, remedy string) { v.add(problem{Fail, message, remedy}) }

// notCheckedPrefix begins the message of a check that could not run.
const notCheckedPrefix = "not checked: "

// notChecked returns the verdict of a check that could not run because of a problem that another check reports.
func notChecked(status Status, reason, check string) verdict {
	return verdict{problems: []problem{{status, notCheckedPrefix + reason, see(check)}}}
}

// result returns the line of the report. It puts failures before warnings, and contains each remedy once.
func (v verdict) result(name string) Result {
	if len(v.problems) == 0 {
		return Result{Name: name, Status: Pass, Message: printable(v.passed)}
	}
	problems := v.failuresFirst()
	var messages, remedies []string
	for _, p := range problems {
		messages = append(messages, printable(p.message))
		if remedy := printable(p.remedy); !slices.Contains(remedies, remedy) {
			remedies = append(remedies, remedy)
		}
	}
	return Result{Name: name, Status: problems[0].status, Message: strings.Join(messages, "; "), Remedy: strings.Join(remedies, "; ")}
}

// failuresFirst returns the failures and then the warnings, each in the order in which the check found them.
func (v verdict) failuresFirst() []problem {
	var failures, warnings []problem
	for _, p := range v.problems {
		if p.status == Fail {
			failures = append(failures, p)
		} else {
			warnings = append(warnings, p)
		}
	}
	return append(failures, warnings...)
}

// printable returns text as one line that is safe for terminals. Parts of the text come from the cluster: control characters can start
// an escape sequence, and format characters, such as U+202E, can change the order of the text. They are replaced by their escapes.
func printable(text string) string {
	var safe strings.Builder
	for _, r := range strings.Join(strings.Fields(text), " ") {
		if strconv.IsPrint(r) {
			safe.WriteRune(r)
		} else {
			safe.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		}
	}
	return safe.String()
}
