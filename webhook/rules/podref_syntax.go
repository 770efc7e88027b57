// podref-syntax
//
// Finds: a podref that is empty or not namespace/name, the one a DNS-1123 label, the other a DNS-1123 subdomain.
//
// Why: Whereabouts' clean-up looks for the pod behind each entry. An entry that names no pod is freed while the address
// is in use, or never.
//
// Do: Write the namespace and the name of the pod that has the address, such as default/web-0.

package rules

import "ippool-webhook/webhook/ippool"

func podrefSyntax() Rule {
	return Rule{
		ID:     "podref-syntax",
		Action: Deny,
		Pool: func(p *ippool.Pool, r *Report) {
			for i := range p.Allocations {
				switch podref := p.Allocations[i].PodRef; {
				case podref == "":
					r.AddEntry(FieldPodRef, Required, i, -1)
				case !ippool.ValidPodRef(podref):
					r.AddEntry(FieldPodRef, Invalid, i, -1)
				}
			}
		},
		Detail: func(dst []byte, _ Subject, _ Finding) []byte {
			return append(dst, "want the namespace and name of a pod, such as default/web-0"...)
		},
	}
}
