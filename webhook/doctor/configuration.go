package doctor

import "fmt"

// reapply is the remedy for an object that is gone.
const reapply = "install it again, as with kubectl apply --server-side -k manifests/overlays/cert-manager"

// checkValidating compares the ValidatingWebhookConfiguration with the shipped manifests, in any of the modes.
func checkValidating(c *cluster) verdict {
	v := compare(c, c.validating, []entry{c.shipped.users}, []entry{c.shipped.whereabouts}, Fail)
	if users := find(c.validating.entries, usersEntry); users != nil {
		v.passed += " (users: " + users.mode() + ", Whereabouts: " + c.whereaboutsMode() + ")"
		if users.mode() == "Observe" {
			v.warn("users are in observe mode: no request is denied", "after the roll-out, set the chart value webhooks.users.mode to Enforce, or remove the component users-observe")
		}
	}
	return v
}

// checkMutating compares the MutatingWebhookConfiguration with the shipped manifest. Without it, pools are validated all the same.
func checkMutating(c *cluster) verdict {
	users := find(c.validating.entries, usersEntry)
	if users == nil || users.mode() == "Enforce" {
		return compare(c, c.mutating, []entry{c.shipped.mutating}, nil, Warn)
	}
	v := verdict{passed: "there is none, as it should be while users are in observe mode"}
	if !c.mutating.missing() {
		v.warn("pools are normalized, although users are in observe mode", "delete the MutatingWebhookConfiguration "+c.mutating.name)
	}
	return v
}

// compare returns how a configuration differs from the shipped webhooks, required and optional ones. The status absent is for
// what is missing.
func compare(c *cluster, got configuration, required, optional []entry, absent Status) verdict {
	v := verdict{passed: fmt.Sprintf("%s %s is as shipped", got.kind, got.name)}
	if got.missing() {
		v.add(problem{absent, "there is no " + got.kind + " " + got.name, reapply + "; or name yours with --name"})
		return v
	}
	if got.err != nil {
		v.add(got.problem())
		return v
	}
	for _, w := range required {
		if find(got.entries, w.Name) == nil {
			v.add(problem{absent, got.name + " has no webhook " + w.Name, "add it to the " + got.kind + " as the shipped manifest has it"})
		}
	}
	for i, e := range got.entries {
		at := fmt.Sprintf("webhooks[%d] of the %s %s", i, got.kind, got.name)
		if w := find(append(required, optional...), e.Name); w != nil {
			v.add(c.compareEntry(at, e, w.inModeOf(e))...)
			continue
		}
		v.warn(fmt.Sprintf("the webhook %s is not shipped", e.Name), "remove "+at+", unless you know what it is for")
	}
	return v
}

// compareEntry returns how a webhook differs from the shipped one, and from the other webhooks where they must agree. at says
// where the webhook is.
func (c *cluster) compareEntry(at string, e, want entry) []problem {
	problems := c.compareService(at, e)
	for _, f := range fields() {
		got, shipped := f.value(e), f.value(want)
		if got == shipped || f.name == "clientConfig.service.path" && e.service() == nil {
			continue
		}
		status, why := f.danger(e, want)
		message := fmt.Sprintf("%s: %s must be %s, is %s", e.Name, f.name, shipped, got)
		if why != "" {
			message += " (" + why + ")"
		}
		problems = append(problems, problem{status, message, fmt.Sprintf("set %s in %s to %s", f.name, at, shipped)})
	}
	problems = append(problems, compareConditions(at, e, want)...)
	if users := find(c.validating.entries, usersEntry); users != nil {
		problems = append(problems, compareUsernames(at, e, *users)...)
	}
	return problems
}

// compareService returns a problem if a webhook does not call the Service that all others call.
func (c *cluster) compareService(at string, e entry) []problem {
	switch service := e.service(); {
	case service == nil:
		return []problem{{Warn, e.Name + " calls a URL rather than a Service", "set clientConfig.service in " + at}}
	case *service != *c.service:
		return []problem{{Fail, fmt.Sprintf("%s calls %s:%d, other webhooks call %s:%d", e.Name, service, service.port, c.service, c.service.port),
			"set clientConfig.service in " + at + " to the Service of all other webhooks"}}
	}
	return nil
}
