package rules

import "ippool-webhook/webhook/ippool"

func idRequired() Rule {
	return Rule{
		ID: "id-required",
		Docs: Docs{
			Summary: "an empty container id.",
			Why: "When a pod goes, Whereabouts finds its entry by container id and interface. Without an id the address is " +
				"freed only by the clean-up.",
			Fix: "Write the id of the pod's sandbox container.",
		},
		Action: Warn,
		Allocations: func(p *ippool.Pool, r *Report) {
			for i := range p.Allocations {
				if p.Allocations[i].ID == "" {
					r.AddAllocation(FieldID, Required, i)
				}
			}
		},
		Detail: func(dst []byte, _ Subject, _ Finding) []byte {
			return append(dst, "without a container id, Whereabouts cannot free the address when the pod goes"...)
		},
	}
}
