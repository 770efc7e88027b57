package contract

import (
	"fmt"
	"regexp"
	"strings"
)

// line returns a measurement as a line of a table of docs/outages.md, with errors in bold.
func (m measurement) line(name string) string {
	write := "written"
	if m.Rejected {
		write = "rejected"
	}
	return "| " + strings.Join([]string{
		name,
		m.Add.verdict() + " " + m.add.String(),
		yes(m.Add.Recorded, m.Add.Recorded != m.Add.Succeeded) + " / " + yes(m.Add.Reserved, false),
		m.Del.verdict() + " " + m.del.String(),
		yes(m.Del.Recorded, m.Del.Recorded) + " / " + yes(m.Del.Reserved, m.Del.Reserved),
		write,
	}, " | ") + " |"
}

func (o operation) verdict() string {
	if o.Succeeded {
		return "succeeds"
	}
	return "fails"
}

func (f figures) String() string {
	return fmt.Sprintf("(%s, %s, %.2f s)", count(f.writes, "write"), count(f.calls, "call"), f.took.Seconds())
}

// count returns a number and its noun, such as "2 calls".
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

func yes(is, wrong bool) string {
	text := "no"
	if is {
		text = "yes"
	}
	if wrong {
		text = "**" + text + "**"
	}
	return text
}

// maskFigures removes what differs from run to run.
func maskFigures(text string) string {
	return regexp.MustCompile(`\(\d+ writes?, \d+ calls?, [\d.]+ s\)`).ReplaceAllString(text, "(figures)")
}
