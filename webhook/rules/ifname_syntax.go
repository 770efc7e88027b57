package rules

import "ippool-webhook/webhook/ippool"

func ifnameSyntax() Rule {
	return Rule{
		ID: "ifname-syntax",
		Docs: Docs{
			Summary: `an ifname that is no name of a Linux network interface: 1 to 15 bytes, no slash, no colon, no white space, ` +
				`not "." and not "..".`,
			Why: "No pod has such an interface, so Whereabouts never finds the entry again. An absent ifname is fine: entries " +
				"of older releases have none.",
			Fix: "Write the interface's name inside the pod, such as net1.",
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
			return append(dst, "is no name of a Linux network interface; want 1 to 15 bytes without slash, colon or space, such as net1"...)
		},
	}
}
