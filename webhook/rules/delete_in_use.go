package rules

import (
	"slices"
	"strconv"

	"ippool-webhook/webhook/ippool"
)

const (
	deleteInUseDetail = "; Whereabouts would assign their addresses to other pods; "
	allowDeleteDetail = "to delete the pool anyway: kubectl annotate ippool "
)

func deleteInUse() Rule {
	return Rule{
		ID: "delete-in-use",
		Docs: Docs{
			Summary: `A pool with allocations is deleted. The annotation ippool-webhook/allow-delete: "true" on the pool allows ` +
				`it.`,
			Why: "Whereabouts creates a new, empty pool when the next pod starts, and assigns the addresses of running pods " +
				"again.",
			Fix: "Wait until the pods are deleted. To delete the pool anyway, annotate it first.",
		},
		Action: Deny,
		Delete: func(p *ippool.Pool, r *Report) {
			if p.Items > 0 && !p.AllowsDelete() {
				r.Add(about(FieldAllocations, Forbidden))
			}
		},
		Detail: func(dst []byte, s Subject, _ Finding) []byte {
			dst = appendInUse(dst, s.Pool.Pool)
			return appendAllowDelete(dst, s.Pool.Pool)
		},
		CEL: &CEL{
			Delete: true,
			Valid: "!has(oldObject.spec) || !has(oldObject.spec.allocations) || oldObject.spec.allocations.size() == 0 || " +
				"oldObject.metadata.?annotations[?'" + ippool.AllowDeleteAnnotation + "'].orValue('') == 'true'",
			Field: "spec.allocations",
			Message: celText("Forbidden: ") + " + string(oldObject.spec.allocations.size()) + " + celText(" allocations are in use"+deleteInUseDetail+allowDeleteDetail) +
				" + oldObject.metadata.name + ' -n ' + oldObject.metadata.namespace + " + celText(" "+ippool.AllowDeleteAnnotation+"=true"),
		},
	}
}

// maxPods is the number of pods that a message names.
const maxPods = 3

// appendInUse appends how many allocations the pool has, the first of their pods, and what the deletion would lead to.
func appendInUse(dst []byte, p *ippool.Pool) []byte {
	dst = strconv.AppendInt(dst, int64(p.Items), 10)
	if p.Items == 1 {
		dst = appendPods(append(dst, " allocation is in use"...), p)
		return append(dst, "; Whereabouts would assign its address to another pod; "...)
	}
	dst = appendPods(append(dst, " allocations are in use"...), p)
	return append(dst, deleteInUseDetail...)
}

// appendPods appends the pods of the first allocations in parentheses, each once.
func appendPods(dst []byte, p *ippool.Pool) []byte {
	var pods []string
	for i := range p.Allocations {
		podref := p.Allocations[i].PodRef
		if podref == "" || slices.Contains(pods, podref) {
			continue
		}
		if len(pods) == maxPods {
			return append(dst, ", ...)"...)
		}
		if pods = append(pods, podref); len(pods) == 1 {
			dst = append(dst, " ("...)
		} else {
			dst = append(dst, ", "...)
		}
		dst = appendKey(dst, podref)
	}
	if len(pods) > 0 {
		dst = append(dst, ')')
	}
	return dst
}

// appendAllowDelete appends what allows the deletion of the pool.
func appendAllowDelete(dst []byte, p *ippool.Pool) []byte {
	if p.AllowDelete != "" {
		dst = append(dst, "the annotation "+ippool.AllowDeleteAnnotation+" is "...)
		dst = appendQuoted(dst, p.AllowDelete)
		return append(dst, ` and must be "true" to delete the pool anyway`...)
	}
	dst = append(dst, allowDeleteDetail...)
	dst = appendKey(dst, p.Name)
	if p.Namespace != "" {
		dst = append(dst, " -n "...)
		dst = appendKey(dst, p.Namespace)
	}
	return append(dst, " "+ippool.AllowDeleteAnnotation+"=true"...)
}
