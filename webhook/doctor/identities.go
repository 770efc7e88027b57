package doctor

import (
	"slices"
	"strings"
)

// checkIdentities compares the service accounts that may write pools with those that the match conditions recognize as
// Whereabouts. Those of Whereabouts must be recognized: Whereabouts does not survive a request that fails.
func checkIdentities(c *cluster) verdict {
	if c.conditions == nil {
		return c.unguarded(usersWebhook)
	}
	if c.writers.err != nil {
		return verdict{problems: []problem{c.writers.problem()}}
	}
	if len(c.writers.value) == 0 {
		return verdict{problems: []problem{{Warn, "no service account may change ippools by a role that names them", installWhereabouts}}}
	}
	var v verdict
	var recognized []string
	for _, w := range c.writers.value {
		name := w.username()
		isUser, err := matches(c.conditions, name)
		switch {
		case err != nil:
			v.warn("cannot tell how requests of "+name+" are treated: "+err.Error(), see("validating-webhook"))
		case !isUser:
			recognized = append(recognized, name)
		case c.runsWhereabouts(w):
			v.fail(name+" writes pools through role "+w.role+c.workloadOf(name)+" and is not recognized as Whereabouts: in an outage of the webhook, "+
				"its pods get addresses that no pool records", addUsername(name))
		default:
			v.warn(name+" writes pools through role "+w.role+", as a user", addUsernameIfWhereabouts(name))
		}
	}
	recognized = slices.Compact(recognized)
	for i, name := range recognized {
		recognized[i] += c.workloadOf(name)
	}
	v.passed = strings.Join(recognized, " and ") + " may change pools, and is recognized as Whereabouts (mode " + c.whereaboutsMode() + ")"
	return v
}

// runsWhereabouts reports whether a service account is one of Whereabouts: by a workload that runs it, or by its name or role.
func (c *cluster) runsWhereabouts(w writer) bool {
	return c.workloadOf(w.username()) != "" || w.ofWhereabouts()
}

// workloadOf returns, in words, the first workload that runs Whereabouts under a user name, if there is one.
func (c *cluster) workloadOf(username string) string {
	for _, w := range c.workloads.value {
		if w.username() == username {
			return ", which runs " + w.String() + ","
		}
	}
	return ""
}

// whereaboutsMode returns how requests of Whereabouts are treated.
func (c *cluster) whereaboutsMode() string {
	if e := find(c.validating.webhooks, whereaboutsWebhook); e != nil {
		return e.mode()
	}
	return "Skip"
}
