package doctor

import (
	"slices"
	"strings"

	"ippool-webhook/webhook/ippool"
)

// checkIdentities checks, for all service accounts with permissions to change pools, that the match conditions recognize those of
// Whereabouts. If a request of Whereabouts fails, pods can get addresses that no pool records.
func checkIdentities(c *cluster) verdict {
	if c.conditions == nil {
		return c.withoutWebhook("webhook " + usersWebhook)
	}
	if c.serviceAccounts.err != nil {
		return verdict{problems: []problem{c.serviceAccounts.problem()}}
	}
	if len(c.serviceAccounts.value) == 0 {
		return verdict{problems: []problem{{Warn, "no service account has a role that names " + ippool.Resource + " and permits changes to them", installWhereabouts}}}
	}
	var v verdict
	var recognized []string
	for _, account := range c.serviceAccounts.value {
		name := account.username()
		isUser, err := matches(c.conditions, name)
		switch {
		case err != nil:
			v.warn("doctor cannot evaluate the match conditions for "+name+": "+err.Error(), see("validating-webhook"))
		case !isUser:
			recognized = append(recognized, name)
		case c.isWhereabouts(account):
			v.fail(name+c.workloadOf(name)+" writes pools through role "+account.role+" and is not recognized as Whereabouts: in an outage of the webhook, "+
				"its pods get addresses that no pool records", addUsername(name))
		default:
			v.warn(name+" writes pools through role "+account.role+" and is treated as a user", addUsernameIfWhereabouts(name))
		}
	}
	recognized = slices.Compact(recognized)
	for i, name := range recognized {
		recognized[i] += c.workloadOf(name)
	}
	v.passed = "the match conditions recognize " + strings.Join(recognized, " and ") + " as Whereabouts (mode " + c.whereaboutsMode() + ")"
	return v
}

// isWhereabouts reports whether a service account belongs to Whereabouts according to its workload, its name or its role.
func (c *cluster) isWhereabouts(account serviceAccount) bool {
	return c.workloadOf(account.username()) != "" || account.ofWhereabouts()
}

// workloadOf describes the first workload of Whereabouts that has a user name, or returns "".
func (c *cluster) workloadOf(username string) string {
	for _, w := range c.workloads.value {
		if w.username() == username {
			return ", the service account of " + w.String() + ","
		}
	}
	return ""
}

// whereaboutsMode returns the mode for requests of Whereabouts.
func (c *cluster) whereaboutsMode() string {
	if w := find(c.validating.webhooks, whereaboutsWebhook); w != nil {
		return w.mode()
	}
	return "Skip"
}
