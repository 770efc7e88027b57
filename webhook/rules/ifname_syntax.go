package rules

import (
	"strconv"

	"ippool-webhook/webhook/ippool"
)

const ifnameSyntaxDetail = "must be a name of a Linux network interface: 1 to 15 bytes without slash, colon or white space, such as net1"

func ifnameSyntax() Rule {
	return Rule{
		ID: "ifname-syntax",
		Docs: Docs{
			Summary: `The ifname is not a name of a Linux network interface: 1 to 15 bytes, no slash, colon or white space, not ` +
				`"." and not "..".`,
			Why: "No pod has such an interface, so Whereabouts never finds the allocation again. An absent ifname is valid: " +
				"older releases of Whereabouts do not write one.",
			Fix: "Write the name of the interface inside the pod, such as net1.",
		},
		Action: Warn,
		Allocations: func(p *ippool.Pool, r *Report) {
			for i := range p.Allocations {
				a := &p.Allocations[i]
				if a.IfName != "" && !ippool.ValidIfName(a.IfName) && !a.Wrong(ippool.WrongIfName) {
					r.AddAllocation(FieldIfName, Invalid, i)
				}
			}
		},
		Detail: func(dst []byte, _ Subject, _ Finding) []byte {
			return append(dst, ifnameSyntaxDetail...)
		},
		CEL: &CEL{
			Keys: celSet("ifname", celAll(celValues("ifname"), "([!-,0-9;-~-][!-.0-9;-~]{0,14})?"), "("+celField("ifname")+` in ['.', '..'] || `+celField("ifname")+`.matches('[/: \\t\\n\\v\\f\\r]') || `+
				"bytes("+celField("ifname")+").size() > "+strconv.Itoa(ippool.MaxIfName)+")"),
			Field:   ".ifname",
			Message: celText("Invalid value: " + ifnameSyntaxDetail),
		},
	}
}
