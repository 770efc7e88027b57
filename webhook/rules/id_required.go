package rules

import "ippool-webhook/webhook/ippool"

const idRequiredDetail = "must be the container id of the pod; without it, Whereabouts does not release the address when the pod is deleted"

func idRequired() Rule {
	return Rule{
		ID: "id-required",
		Docs: Docs{
			Summary: "The container id is empty.",
			Why: "When a pod is deleted, Whereabouts finds its allocation by container id and interface. Without an id, only " +
				"the clean-up releases the address.",
			Fix: "Write the id of the sandbox container of the pod.",
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
			return append(dst, idRequiredDetail...)
		},
		CEL: &CEL{
			Keys:    celSet("id", "!('' in "+celValues("id")+")", celField("id")+" == ''"),
			Field:   ".id",
			Message: celText("Required value: " + idRequiredDetail),
		},
	}
}
