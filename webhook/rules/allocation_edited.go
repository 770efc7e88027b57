package rules

import "ippool-webhook/webhook/ippool"

const allocationEditedDetail = "; Whereabouts finds the allocation by id and ifname when it releases the address"

func allocationEdited() Rule {
	return Rule{
		ID: "allocation-edited",
		Docs: Docs{
			Summary: "An update changes the id or the ifname of an allocation and keeps its podref. To fill in an absent or empty " +
				"value is not a change.",
			Why: "When the pod is deleted, Whereabouts finds its allocation by container id and interface. Only Whereabouts " +
				"has both values. It changes the id when the sandbox of a pod is restarted.",
			Fix: "Do not change id and ifname.",
		},
		Action: Warn,
		Update: func(c *ippool.Change, r *Report) {
			for _, changed := range c.Changed {
				i := int(changed)
				before := c.Before(i)
				if before < 0 {
					continue
				}
				a, old := &c.New.Allocations[i], &c.Old.Allocations[before]
				if a.PodRef == "" || a.PodRef != old.PodRef || c.Had(i, ippool.SameOwner) {
					continue
				}
				switch {
				case old.ID != a.ID && old.ID != "" && !old.Wrong(ippool.WrongID):
					r.AddChange(FieldID, Invalid, i, before)
				case old.IfName != a.IfName && old.IfName != "" && !old.Wrong(ippool.WrongIfName):
					r.AddChange(FieldIfName, Invalid, i, before)
				}
			}
		},
		Detail: func(dst []byte, s Subject, f Finding) []byte {
			old := f
			old.Item = f.Old
			dst = append(dst, "must stay "...)
			dst = appendQuoted(dst, old.Value(s.Change.Old.Pool))
			return append(dst, allocationEditedDetail...)
		},
		CEL: &CEL{
			Keys: "variables.edited.filter(k, " + celField("podref") + " == " + celOldField("podref") + " && " + celKeepsKeys + " && (" +
				celOldField("id") + " != '' && " + celField("id") + " != " + celOldField("id") + " || " +
				celOldField("ifname") + " != '' && " + celField("ifname") + " != " + celOldField("ifname") + "))",
			Message: celText("Invalid value: id and ifname must stay as they are" + allocationEditedDetail),
			Missing: "allocations whose key the request also replaces by another key of the same offset",
		},
	}
}
