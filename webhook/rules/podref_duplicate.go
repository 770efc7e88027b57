package rules

import (
	"fmt"
	"strconv"

	"ippool-webhook/webhook/ippool"
)

func podrefDuplicate(scope PodRefScope) Rule {
	identity := ippool.SamePodInterface
	if scope == ScopePod {
		identity = ippool.SamePod
	}
	return Rule{
		ID: "podref-duplicate",
		Docs: Docs{
			Summary: "Two allocations have the same podref and the same ifname. Two allocations without ifname count only if their " +
				"ids differ. With scope: Pod, two allocations with the same podref.",
			Why: "Whereabouts finds the address of a pod by podref and ifname, and uses the first allocation that it finds. A " +
				"restarted pod can get the other address, and one of the two is never released. Whereabouts up to v0.7 wrote " +
				"no ifname: a pod with two interfaces in a range has two allocations with one id.",
			Fix: "Keep the allocation of the address that the interface of the pod has, and remove the other one.",
		},
		Action:   Deny,
		Identity: identity,
		Groups: func(p *ippool.Pool, same *ippool.Groups, r *Report) {
			for i := range p.Allocations {
				first := same.First(i)
				if first == i || p.Allocations[first].SameOffset(&p.Allocations[i]) {
					continue
				}
				if scope == ScopePod || !legacyInterfaces(&p.Allocations[first], &p.Allocations[i]) {
					r.AddMember(same, FieldPodRef, i, first)
				}
			}
		},
		Detail: func(dst []byte, s Subject, f Finding) []byte {
			if ifname := s.Pool.Allocations[f.Item].IfName; ifname != "" && scope != ScopePod {
				dst = append(dst, "interface "...)
				dst = appendQuoted(dst, ifname)
				dst = append(dst, " of this pod"...)
			} else {
				dst = append(dst, "this pod"...)
			}
			dst = append(dst, " already has the allocation at offset "...)
			dst = appendKey(dst, s.Pool.Allocations[f.Conflict].Key)
			return append(dst, removeOneOfTwo...)
		},
		CEL: celPodRefDuplicate(scope),
	}
}

// maxCELPairs is the number of allocations up to which each one that gets a podref or an ifname is compared with all others. More
// are first compared by a map, which costs less but only shows that there is no duplicate.
const maxCELPairs = 16

// celPodRefDuplicate returns the rule in CEL. In a large change, the owners are the keys of a map: a key that occurs twice is an
// evaluation error, and then the pairs decide, which can exceed the cost budget.
func celPodRefDuplicate(scope PodRefScope) *CEL {
	const ifname = ".?ifname.orValue('')"
	differs, owner := "a.podref != b.podref || a"+ifname+" != b"+ifname, "%[1]s.podref + ' ' + %[1]s"+ifname
	// Another allocation of a pod without ifname and with the same id is no duplicate. No id is '/'.
	id := "a" + ifname + " == '' && a.id != '' ? string(a.id) : '/'"
	if scope == ScopePod {
		differs, owner, id = "a.podref != b.podref", "%[1]s.podref", "'/'"
	}
	ownerOf := func(allocation string) string { return fmt.Sprintf(owner, allocation) }
	// A list of one item names a value, so that it is evaluated once.
	pairs := "variables.changed.filter(k, [variables.allocations[k]].exists(a, a.podref != '' && " +
		"(!(k in variables.oldAllocations) || [variables.oldAllocations[k]].exists(b, " + differs + "))))" +
		".filter(k, [variables.allocations[k]].map(a, [" + ownerOf("a") + " + ' falsefalse', " + id + "]).exists(x, " +
		"x[0] in variables.allocations.transformList(j, b, " + ownerOf("b") + " + ' ' + string(j == k) + string(b.id == x[1]))))"
	few := "variables.changed.size() <= " + strconv.Itoa(maxCELPairs)
	return &CEL{
		Keys: few + " ? " + pairs + " : []",
		Valid: few + " ? variables.podrefDuplicate.size() == 0 : " +
			"variables.allocations.transformMapEntry(k, a, {" + ownerOf("a") + ": true}).size() == variables.allocations.size() || " + pairs + ".size() == 0",
		Field:   ".podref",
		Message: celText("Duplicate value: this pod already has another allocation" + removeOneOfTwo),
	}
}

// legacyInterfaces reports whether two allocations of one pod are those of two interfaces as Whereabouts up to v0.7 wrote
// them: without ifname, and with one id.
func legacyInterfaces(a, b *ippool.Allocation) bool {
	return a.IfName == "" && b.IfName == "" && a.ID != "" && a.ID == b.ID
}
