package doctor

import (
	"slices"
	"strings"
)

// checkIdentities compares the service accounts that may write pools with those that the match conditions recognize as
// Whereabouts. Those of Whereabouts must be recognized: Whereabouts does not survive a request that fails.
func checkIdentities(c *cluster) verdict {
	users := find(c.validating.entries, usersEntry)
	if users == nil {
		return c.unguarded(usersEntry)
	}
	if c.writers.err != nil {
		return verdict{problems: []problem{c.writers.problem()}}
	}
	if len(c.writers.value) == 0 {
		return verdict{problems: []problem{{Warn, "no service account may change ippools by a role that names them", "install Whereabouts, if it is not there"}}}
	}
	var v verdict
	var recognized []string
	for _, w := range c.writers.value {
		name := w.username()
		isUser, err := matches(users.MatchConditions, name)
		switch {
		case err != nil:
			v.warn("cannot tell how requests of "+name+" are treated: "+err.Error(), "see validating-webhook")
		case !isUser:
			recognized = append(recognized, name)
		case w.ofWhereabouts():
			v.fail(name+" writes pools through role "+w.role+" and is not recognized as Whereabouts: in an outage of the webhook, its pods get addresses that no pool records",
				addUsername(name))
		default:
			v.warn(name+" writes pools through role "+w.role+", as a user", "nothing if it is another controller; if it is part of Whereabouts, "+addUsername(name))
		}
	}
	v.passed = strings.Join(slices.Compact(recognized), " and ") + " may change pools, and is recognized as Whereabouts (mode " + c.whereaboutsMode() + ")"
	return v
}

// addUsername is the remedy for a service account of Whereabouts that is not recognized.
func addUsername(name string) string {
	return "add " + name + " to the chart value webhooks.whereabouts.extraUsernames, or with kustomize to the ConfigMap " +
		"ippool-webhook-usernames of the component whereabouts-usernames"
}

// whereaboutsMode returns how requests of Whereabouts are treated.
func (c *cluster) whereaboutsMode() string {
	if e := find(c.validating.entries, whereaboutsEntry); e != nil {
		return e.mode()
	}
	return "Skip"
}
