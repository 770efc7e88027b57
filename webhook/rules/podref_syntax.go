package rules

import "ippool-webhook/webhook/ippool"

func podrefSyntax() Rule {
	return Rule{
		ID: "podref-syntax",
		Docs: Docs{
			Summary: "a podref that is empty or not namespace/name, the one a DNS-1123 label, the other a DNS-1123 subdomain.",
			Why: "Whereabouts' clean-up looks for the pod behind each entry. An entry that names no pod is freed while the " +
				"address is in use, or never.",
			Fix: "Write the namespace and the name of the pod that has the address, such as default/web-0.",
		},
		Action: Deny,
		Allocations: func(p *ippool.Pool, r *Report) {
			for i := range p.Allocations {
				switch a := &p.Allocations[i]; {
				case ippool.ValidPodRef(a.PodRef) || a.Wrong(ippool.WrongPodRef):
				case a.PodRef == "":
					r.AddAllocation(FieldPodRef, Required, i)
				default:
					r.AddAllocation(FieldPodRef, Invalid, i)
				}
			}
		},
		Detail: func(dst []byte, _ Subject, _ Finding) []byte {
			return append(dst, "want the namespace and name of a pod, such as default/web-0"...)
		},
	}
}
