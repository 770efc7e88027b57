package doctor

import (
	"slices"
	"strings"
)

// checkTrustedWriters compares who writes pools with whom the webhook trusts. Whereabouts must be: it survives neither a
// denial nor an outage.
func checkTrustedWriters(c *cluster) verdict {
	if c.reference() == nil {
		return c.unguarded(ordinaryEntry)
	}
	if c.writers.err != nil {
		return verdict{problems: []problem{c.writers.problem()}}
	}
	if len(c.writers.value) == 0 {
		return verdict{problems: []problem{{Warn, "no service account may change ippools by a role that names them", "install Whereabouts, if it is not there"}}}
	}
	var v verdict
	var trusted []string
	for _, w := range c.writers.value {
		name := w.username()
		switch {
		case slices.Contains(c.trusted(), name):
			trusted = append(trusted, name)
		case w.ofWhereabouts():
			v.fail(name+" writes pools through role "+w.role+" and is not trusted: in an outage, its pods get addresses that no pool records",
				"add "+name+" to the list in the matchConditions of every entry, and to trustedWriters.usernames of the Policy")
		default:
			v.warn(name+" writes pools through role "+w.role+" as an ordinary writer", "nothing where it is another controller; where it is part of Whereabouts, "+
				"add it to the list in the matchConditions of every entry, and to trustedWriters.usernames of the Policy")
		}
	}
	v.passed = strings.Join(slices.Compact(trusted), " and ") + " may change pools, and is trusted"
	if c.validatingEntry(trustedEntry) == nil {
		v.passed += " and not judged"
	}
	return v
}
