package doctor

import (
	"fmt"
	"slices"
)

// reapply is the remedy for an object that is gone.
const reapply = "install it again, as with kubectl apply --server-side -k manifests/overlays/cert-manager"

// checkValidating holds the guard itself against the shipped manifest.
func checkValidating(c *cluster) verdict {
	v := compare(c, c.validating, c.shipped.validating, Fail)
	if e := c.validatingEntry(trustedEntry); e != nil && !e.sparesReleases() {
		v.passed += ", but asks about their releases too"
	}
	return v
}

// checkMutating is about a convenience: without it nothing is mended, but nothing bad gets in either.
func checkMutating(c *cluster) verdict {
	return compare(c, c.mutating, c.shipped.mutating, Warn)
}

// compare returns how a configuration differs from the shipped entries. absent is how bad it is when there is none.
func compare(c *cluster, got configuration, want []entry, absent Status) verdict {
	v := verdict{passed: fmt.Sprintf("%s %s has the entries as shipped, for %d trusted writers", got.kind, got.name, len(c.trusted()))}
	if got.missing() {
		v.add(problem{absent, "there is no " + got.kind + " " + got.name, reapply + "; or name yours with --name"})
		return v
	}
	if got.err != nil {
		v.add(got.problem())
		return v
	}
	for _, w := range want {
		i := slices.IndexFunc(got.entries, func(e entry) bool { return e.Name == w.Name })
		if i < 0 {
			v.add(missingEntry(got, w, absent))
			continue
		}
		v.add(c.compareEntry(fmt.Sprintf("webhooks[%d] of the %s %s", i, got.kind, got.name), got.entries[i], w)...)
	}
	for i, e := range got.entries {
		if !slices.ContainsFunc(want, func(w entry) bool { return w.Name == e.Name }) {
			v.warn(fmt.Sprintf("the entry %s is not shipped", e.Name), fmt.Sprintf("remove webhooks[%d] of the %s %s, unless you know what it is for", i, got.kind, got.name))
		}
	}
	return v
}

// missingEntry returns the problem of an entry that is not there. Whoever leaves trusted writers unjudged, for the sake of pod
// starts, guards the pools against everybody else; unless the policy has trusted writers denied, which does not show here.
func missingEntry(got configuration, want entry, absent Status) problem {
	if want.Name == trustedEntry {
		return problem{Warn, got.name + " has no entry " + trustedEntry + ": what trusted writers write is not judged, whatever the Policy says",
			"nothing where that is meant; otherwise add it to the " + got.kind + " as the shipped manifest has it"}
	}
	return problem{absent, got.name + " has no entry " + want.Name, "add it to the " + got.kind + " as the shipped manifest has it"}
}

// compareEntry returns how an entry differs from the shipped one, and from the other entries where they must agree. at says
// where the entry is.
func (c *cluster) compareEntry(at string, e, want entry) []problem {
	problems := c.compareService(at, e)
	for _, f := range fields() {
		got, shipped := f.value(e), f.value(want)
		if got == shipped || f.name == "clientConfig.service.path" && e.service() == nil {
			continue
		}
		status, why := f.danger(e, want)
		message := fmt.Sprintf("%s: %s is %s, want %s", e.Name, f.name, got, shipped)
		if why != "" {
			message += " (" + why + ")"
		}
		problems = append(problems, problem{status, message, fmt.Sprintf("set %s in %s to %s", f.name, at, shipped)})
	}
	problems = append(problems, compareConditions(at, e, want)...)
	if reference := c.reference(); reference != nil {
		problems = append(problems, compareWriters(at, e, *reference)...)
	}
	return problems
}

// compareService returns a problem where an entry does not call the Service that all others call.
func (c *cluster) compareService(at string, e entry) []problem {
	switch service := e.service(); {
	case service == nil:
		return []problem{{Warn, e.Name + " calls a URL rather than a Service", "set clientConfig.service in " + at}}
	case *service != *c.service:
		return []problem{{Fail, fmt.Sprintf("%s calls %s:%d, other entries call %s:%d", e.Name, service, service.port, c.service, c.service.port),
			"set clientConfig.service in " + at + " to the same Service as in all entries"}}
	}
	return nil
}

// reference returns the entry whose list of trusted writers the others are compared with, or nil.
func (c *cluster) reference() *entry { return c.validatingEntry(ordinaryEntry) }

// validatingEntry returns the entry of a name that asks about validity, or nil.
func (c *cluster) validatingEntry(name string) *entry {
	for _, e := range c.validating.entries {
		if e.Name == name {
			return &e
		}
	}
	return nil
}

// trusted returns the trusted writers of the installed configuration.
func (c *cluster) trusted() []string {
	if reference := c.reference(); reference != nil {
		return writersOf(*reference)
	}
	return nil
}
