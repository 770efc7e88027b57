package doctor

import "fmt"

// checkValidating compares the ValidatingWebhookConfiguration with the shipped manifests. It accepts every mode.
func checkValidating(c *cluster) verdict {
	v := compare(c, c.validating, []webhook{c.shipped.users}, []webhook{c.shipped.whereabouts}, Fail)
	if users := find(c.validating.webhooks, usersWebhook); users != nil {
		v.passed += " (users: " + users.mode() + ", Whereabouts: " + c.whereaboutsMode() + ")"
		if users.mode() == "Observe" {
			v.warn("users are in observe mode: no request is denied", enforceUsers)
		}
	}
	return v
}

// checkMutating compares the MutatingWebhookConfiguration with the shipped manifest. Its problems are only warnings, because pools are
// also validated without it.
func checkMutating(c *cluster) verdict {
	users := find(c.validating.webhooks, usersWebhook)
	if users == nil || users.mode() == "Enforce" {
		return compare(c, c.mutating, []webhook{c.shipped.mutating}, nil, Warn)
	}
	v := verdict{passed: "there is no " + c.mutating.kind + " " + c.mutating.name + ", as required while users are in observe mode"}
	switch {
	case c.mutating.missing():
	case c.mutating.err != nil:
		v.add(c.mutating.problem())
	default:
		v.warn("pools are normalized although users are in observe mode", deleteMutating(c.mutating.name))
	}
	return v
}

// compare returns the differences between a configuration and the shipped webhooks. absent is the status of a missing configuration
// and of a missing required webhook.
func compare(c *cluster, got configuration, required, optional []webhook, absent Status) verdict {
	v := verdict{passed: fmt.Sprintf("%s %s matches the shipped manifests", got.kind, got.name)}
	if got.missing() {
		v.add(problem{absent, "there is no " + got.kind + " " + got.name, reapplyOrName})
		return v
	}
	if got.err != nil {
		v.add(got.problem())
		return v
	}
	for _, w := range required {
		if find(got.webhooks, w.Name) == nil {
			v.add(problem{absent, got.name + " has no webhook " + w.Name, addWebhook(got.kind)})
		}
	}
	for i, installed := range got.webhooks {
		at := fmt.Sprintf("webhooks[%d] of the %s %s", i, got.kind, got.name)
		if w := find(append(required, optional...), installed.Name); w != nil {
			v.add(c.compareWebhook(at, installed, w.inModeOf(installed))...)
			continue
		}
		v.warn(fmt.Sprintf("the webhook %s is not in the shipped manifests", installed.Name), removeWebhook(at))
	}
	return v
}

// compareWebhook returns the differences between an installed webhook and the shipped webhook, and between its Service and user names
// and those of the other webhooks. at is the position of the webhook in its configuration, for the remedies.
func (c *cluster) compareWebhook(at string, installed, want webhook) []problem {
	problems := c.compareService(at, installed)
	for _, f := range fields() {
		got, shipped := f.value(installed), f.value(want)
		if got == shipped || f.name == "clientConfig.service.path" && installed.service() == nil {
			continue
		}
		status, why := f.severity(installed, want)
		message := fmt.Sprintf("%s: %s must be %s, is %s", installed.Name, f.name, shipped, got)
		if why != "" {
			message += " (" + why + ")"
		}
		remedy := setField(f.name, at, shipped)
		if f.name == "namespaceSelector" && enforcedByAKS(installed.NamespaceSelector) {
			remedy = setAKSLabel
		}
		problems = append(problems, problem{status, message, remedy})
	}
	problems = append(problems, compareConditions(at, installed, want)...)
	problems = append(problems, checkUsernames(at, installed)...)
	if users := find(c.validating.webhooks, usersWebhook); users != nil {
		problems = append(problems, compareUsernames(at, installed, *users)...)
	}
	return problems
}

// compareService returns a problem if a webhook does not call the same Service as the other webhooks.
func (c *cluster) compareService(at string, installed webhook) []problem {
	switch service := installed.service(); {
	case service == nil:
		return []problem{{Warn, installed.Name + " calls a URL rather than a Service", setService(at)}}
	case *service != *c.service:
		return []problem{{Fail, fmt.Sprintf("%s calls %s:%d, other webhooks call %s:%d", installed.Name, service, service.port, c.service, c.service.port),
			setSameService(at)}}
	}
	return nil
}
