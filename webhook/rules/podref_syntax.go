package rules

import (
	"strconv"
	"strings"

	"ippool-webhook/webhook/ippool"
)

// celValidPodRef returns an expression that is true if the value of an expression names a pod, as ippool.ValidPodRef.
func celValidPodRef(value string) string {
	return value + ".matches('" + ippool.PodRefPattern + "') && " + value + ".split('/')[1].size() <= " + strconv.Itoa(ippool.MaxPodName)
}

func podrefSyntax() Rule {
	return Rule{
		ID: "podref-syntax",
		Docs: Docs{
			Summary: "The podref is empty or not namespace/name. The namespace must be a DNS-1123 label, the name a DNS-1123 " +
				"subdomain.",
			Why: "The clean-up of Whereabouts looks for the pod of each allocation. If the podref does not name a pod, it " +
				"releases the address while it is in use, or never.",
			Fix: "Write the namespace and the name of the pod that uses the address, such as default/web-0.",
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
		Detail: func(dst []byte, s Subject, f Finding) []byte {
			return append(dst, ippool.PodRefError(s.Pool.Allocations[f.Item].PodRef).Error()...)
		},
		CEL: &CEL{
			Keys: celSet("podref", celAll(celValues("podref"), strings.Trim(ippool.PodRefPattern, "^$"))+
				" && !(false in "+celValues("podref")+".map(p, p.size() <= "+strconv.Itoa(ippool.MaxPodName)+"))", "!("+celValidPodRef(celField("podref"))+")"),
			Field:   ".podref",
			Message: celText("Invalid value: " + ippool.PodRefForm),
		},
	}
}
