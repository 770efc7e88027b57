package e2e

import (
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// violation is a request that violates a rule: a create without before, a delete without after, or otherwise a PUT. Whereabouts
// has stored before, with its findings.
type violation struct {
	rule          string
	about         string
	before, after *unstructured.Unstructured
	denied        []string // the findings for which the write is denied; {namespace} is the namespace of the pool
	warned        []string // the warnings that jane gets
}

func (v violation) String() string { return v.rule + "/" + v.about }

// pool returns the name of the pool in the request.
func (v violation) pool() string {
	if v.after != nil {
		return v.after.GetName()
	}
	return v.before.GetName()
}

// violations returns a request for each way to violate a rule, with everything that the user reads.
func violations() []violation {
	web := at("1", "default/web-0")
	healthy := newPool("10.0.0.0/24", web)
	large := web.in(idPrefix + strings.Repeat("0", 1<<20+50_000))
	return []violation{
		{
			rule: "range-required", about: "no spec",
			after:  bare("10.0.0.0-24", nil),
			denied: []string{`spec: Required value: must have a range, such as range: 10.0.0.0/24 (rule range-required)`},
		},
		{
			rule: "range-required", about: "empty",
			after:  named(newPool(""), "10.0.0.0-24"),
			denied: []string{`spec.range: Required value: must have a range, such as range: 10.0.0.0/24 (rule range-required)`},
		},
		{
			rule: "range-required", about: "spec goes where the range was empty",
			before: named(newPool(""), "10.0.0.0-24"), after: bare("10.0.0.0-24", nil),
			denied: []string{`spec: Required value: must have a range, such as range: 10.0.0.0/24 (rule range-required)`},
		},
		{
			rule: "range-syntax", about: "no prefix length",
			after:  newPool("10.0.0.0"),
			denied: []string{`spec.range: Invalid value: "10.0.0.0": must have a prefix length after the address, such as 10.0.0.0/24 or 2001:db8::/64 (rule range-syntax)`},
		},
		{
			rule: "range-syntax", about: "notation of a network configuration",
			after:  named(newPool("10.0.0.10-10.0.0.20/24"), "10.0.0.0-24"),
			denied: []string{`spec.range: Invalid value: "10.0.0.10-10.0.0.20/24": must be a CIDR, such as 10.0.0.0/24 or 2001:db8::/64, not a first and a last address (rule range-syntax)`},
		},
		{
			rule: "range-host-bits", about: "pool with allocations",
			after:  named(newPool("10.0.0.5/24", web), "10.0.0.0-24"),
			denied: []string{`spec.range: Invalid value: "10.0.0.5/24": must be the network address, without host bits; write 10.0.0.0/24 (rule range-host-bits)`},
		},
		{
			rule: "range-immutable", about: "another network",
			before: healthy, after: named(newPool("10.0.1.0/24", web), "10.0.0.0-24"),
			denied: []string{`spec.range: Invalid value: "10.0.1.0/24": must stay 10.0.0.0/24, from which the offsets of the allocations count; create a pool for the new range (rule range-immutable)`},
			warned: []string{`metadata.name: Invalid value: "10.0.0.0-24": must end in "10.0.1.0-24", the name under which Whereabouts looks for the pool of 10.0.1.0/24 (rule name-mismatch)`},
		},
		{
			rule: "range-too-small", about: "two addresses",
			after:  newPool("10.0.0.0/31"),
			warned: []string{`spec.range: Invalid value: "10.0.0.0/31": must have at least four addresses; Whereabouts does not assign the first and the last one (rule range-too-small)`},
		},
		{
			rule: "range-too-small", about: "one address",
			after:  newPool("2001:db8::5/128"),
			warned: []string{`spec.range: Invalid value: "2001:db8::5/128": must have at least four addresses; Whereabouts does not assign the first and the last one (rule range-too-small)`},
		},
		{
			rule: "offset-syntax", about: "word",
			after:  newPool("10.0.0.0/24", at("gateway", "default/web-0")),
			denied: []string{`spec.allocations[gateway]: Invalid value: "gateway": must be a decimal offset without sign, white space or leading zeros, such as "5" (rule offset-syntax)`},
		},
		{
			rule: "offset-syntax", about: "long word",
			after:  newPool("10.0.0.0/24", at(strings.Repeat("x", 100), "default/web-0")),
			denied: []string{`spec.allocations[` + strings.Repeat("x", 64) + `...]: Invalid value: "` + strings.Repeat("x", 64) + `...": must be a decimal offset without sign, white space or leading zeros, such as "5" (rule offset-syntax)`},
		},
		{
			rule: "offset-alias", about: "leading zero",
			after: newPool("10.0.0.0/24", at("5", "default/web-0"), at("05", "default/web-1")),
			denied: []string{
				`spec.allocations[05]: Invalid value: "05": must be a decimal offset without sign, white space or leading zeros, such as "5" (rule offset-syntax)`,
				`spec.allocations[05]: Duplicate value: "05": has the same offset as key "5"; remove one of the two (rule offset-alias)`,
			},
		},
		{
			rule: "offset-out-of-range", about: "past the last address",
			before: healthy, after: newPool("10.0.0.0/24", web, at("256", "default/web-1")),
			denied: []string{`spec.allocations[256]: Invalid value: "256": must be at most 255, the last offset that Whereabouts can use in 10.0.0.0/24 (rule offset-out-of-range)`},
		},
		{
			rule: "offset-out-of-range", about: "past int64",
			after:  newPool("2001:db8::/32", at("9223372036854775808", "default/web-0")),
			denied: []string{`spec.allocations[9223372036854775808]: Invalid value: "9223372036854775808": must be at most 9223372036854775807, the last offset that Whereabouts can use in 2001:db8::/32 (rule offset-out-of-range)`},
		},
		{
			rule: "offset-reserved", about: "first and last",
			after: newPool("10.0.0.0/24", at("0", "default/web-0"), at("255", "default/web-1")),
			warned: []string{
				`spec.allocations[0]: Invalid value: "0": must not be the first or the last address of 10.0.0.0/24, which Whereabouts never assigns (rule offset-reserved)`,
				`spec.allocations[255]: Invalid value: "255": must not be the first or the last address of 10.0.0.0/24, which Whereabouts never assigns (rule offset-reserved)`,
			},
		},
		{
			rule: "podref-syntax", about: "no namespace",
			after:  newPool("10.0.0.0/24", at("1", "web-0")),
			denied: []string{`spec.allocations[1].podref: Invalid value: "web-0": must be <namespace>/<pod name>, such as default/web-0 (rule podref-syntax)`},
		},
		{
			rule: "podref-syntax", about: "empty",
			after:  newPool("10.0.0.0/24", at("1", "")),
			denied: []string{`spec.allocations[1].podref: Required value: must be <namespace>/<pod name>, such as default/web-0 (rule podref-syntax)`},
		},
		{
			rule: "podref-duplicate", about: "same interface",
			before: healthy, after: newPool("10.0.0.0/24", web, at("2", "default/web-0")),
			denied: []string{`spec.allocations[2].podref: Duplicate value: "default/web-0": interface "net1" of this pod already has the allocation at offset 1; remove one of the two (rule podref-duplicate)`},
		},
		{
			rule: "podref-duplicate", about: "both without interface",
			after:  newPool("10.0.0.0/24", web.on(""), at("2", "default/web-0").on("")),
			denied: []string{`spec.allocations[2].podref: Duplicate value: "default/web-0": this pod already has the allocation at offset 1; remove one of the two (rule podref-duplicate)`},
		},
		{
			rule: "podref-duplicate", about: "a lower offset beside two",
			before: newPool("10.0.0.0/24", at("5", "default/web-0"), at("7", "default/web-0")),
			after:  newPool("10.0.0.0/24", at("5", "default/web-0"), at("7", "default/web-0"), at("3", "default/web-0")),
			denied: []string{
				`spec.allocations[5].podref: Duplicate value: "default/web-0": interface "net1" of this pod already has the allocation at offset 3; remove one of the two (rule podref-duplicate)`,
				`spec.allocations[7].podref: Duplicate value: "default/web-0": interface "net1" of this pod already has the allocation at offset 3; remove one of the two (rule podref-duplicate)`,
			},
		},
		{
			rule: "podref-multi-interface", about: "two interfaces",
			before: healthy, after: newPool("10.0.0.0/24", web, at("2", "default/web-0").on("net2")),
			warned: []string{`spec.allocations[2].podref: Duplicate value: "default/web-0": this pod also has the allocation at offset 1 on interface "net1" (rule podref-multi-interface)`},
		},
		{
			rule: "podref-multi-interface", about: "two interfaces of Whereabouts v0.7",
			after:  newPool("10.0.0.0/24", web.on(""), web.on("").under("2")),
			warned: []string{`spec.allocations[2].podref: Duplicate value: "default/web-0": this pod also has the allocation at offset 1, without an interface name (rule podref-multi-interface)`},
		},
		{
			rule: "id-required", about: "empty",
			after:  newPool("10.0.0.0/24", web.in("")),
			warned: []string{`spec.allocations[1].id: Required value: must be the container id of the pod; without it, Whereabouts does not release the address when the pod is deleted (rule id-required)`},
		},
		{
			rule: "id-duplicate", about: "same interface",
			after:  newPool("10.0.0.0/24", web, at("2", "default/web-1").in(web.id)),
			warned: []string{`spec.allocations[2].id: Duplicate value: "` + web.id + `": this interface of the container already has the allocation at offset 1; remove one of the two (rule id-duplicate)`},
		},
		{
			rule: "ifname-syntax", about: "too long",
			after:  newPool("10.0.0.0/24", web.on("a-long-interface")),
			warned: []string{`spec.allocations[1].ifname: Invalid value: "a-long-interface": must be a name of a Linux network interface: 1 to 15 bytes without slash, colon or white space, such as net1 (rule ifname-syntax)`},
		},
		{
			rule: "name-mismatch", about: "name of another range",
			after:  named(healthy, "10.0.1.0-24"),
			warned: []string{`metadata.name: Invalid value: "10.0.1.0-24": must end in "10.0.0.0-24", the name under which Whereabouts looks for the pool of 10.0.0.0/24 (rule name-mismatch)`},
		},
		{
			rule: "allocation-reassigned", about: "another pod",
			before: healthy, after: newPool("10.0.0.0/24", at("1", "default/web-1")),
			denied: []string{`spec.allocations[1].podref: Invalid value: "default/web-1": must stay default/web-0, which has this address; delete that pod and remove the allocation first (rule allocation-reassigned)`},
		},
		{
			rule: "allocation-moved", about: "to a free offset",
			before: healthy, after: newPool("10.0.0.0/24", web.under("9")),
			denied: []string{`spec.allocations[9]: Invalid value: "9": pod default/web-0 uses the address at offset 1; its allocation must stay there (rule allocation-moved)`},
		},
		{
			rule: "allocation-edited", about: "id",
			before: newPool("10.0.0.0/24", web.in(idPrefix)), after: newPool("10.0.0.0/24", web.in(idPrefix+"0")),
			warned: []string{`spec.allocations[1].id: Invalid value: "` + idPrefix + `0": must stay "` + idPrefix +
				`"; Whereabouts finds the allocation by id and ifname when it releases the address (rule allocation-edited)`},
		},
		{
			rule: "allocation-edited", about: "ifname",
			before: healthy, after: newPool("10.0.0.0/24", web.on("net2")),
			warned: []string{`spec.allocations[1].ifname: Invalid value: "net2": must stay "net1"; Whereabouts finds the allocation by id and ifname when it releases the address (rule allocation-edited)`},
		},
		{
			rule: "bulk-release", about: "eight of nine",
			before: newPool("10.0.0.0/24", many(9)...), after: newPool("10.0.0.0/24", many(1)...),
			warned: []string{`spec.allocations: removes 8 of 9 allocations; Whereabouts assigns their addresses to other pods immediately (rule bulk-release)`},
		},
		{
			rule: "bulk-release", about: "both of two",
			before: newPool("10.0.0.0/24", many(2)...), after: newPool("10.0.0.0/24"),
			warned: []string{`spec.allocations: removes 2 of 2 allocations; Whereabouts assigns their addresses to other pods immediately (rule bulk-release)`},
		},
		{
			rule: "pool-size", about: "over 1 MiB",
			after:  newPool("10.0.0.0/24", large),
			warned: []string{`spec.allocations: the object has 1073 KiB; etcd does not store objects of more than 1536 KiB; split the range (rule pool-size)`},
		},
		{
			rule: "pool-size", about: "over 1 MiB before",
			before: newPool("10.0.0.0/24", large), after: newPool("10.0.0.0/24", large, at("2", "default/web-1")),
			warned: []string{`spec.allocations: the object has 1073 KiB; etcd does not store objects of more than 1536 KiB; split the range (rule pool-size)`},
		},
		{
			rule: "delete-in-use", about: "one allocation",
			before: healthy,
			denied: []string{inUse("{namespace}", oneInUse)},
		},
		{
			rule: "several rules", about: "in the order of the pool",
			after: newPool("10.0.0.0", at("gateway", "web-0"), at("70", ""), at("8", "default/").on("net/1")),
			denied: []string{
				`spec.range: Invalid value: "10.0.0.0": must have a prefix length after the address, such as 10.0.0.0/24 or 2001:db8::/64 (rule range-syntax)`,
				`spec.allocations[8].podref: Invalid value: "default/": must be <namespace>/<pod name>, such as default/web-0 (rule podref-syntax)`,
				`spec.allocations[70].podref: Required value: must be <namespace>/<pod name>, such as default/web-0 (rule podref-syntax)`,
				`spec.allocations[gateway]: Invalid value: "gateway": must be a decimal offset without sign, white space or leading zeros, such as "5" (rule offset-syntax)`,
				`spec.allocations[gateway].podref: Invalid value: "web-0": must be <namespace>/<pod name>, such as default/web-0 (rule podref-syntax)`,
			},
			warned: []string{`spec.allocations[8].ifname: Invalid value: "net/1": must be a name of a Linux network interface: 1 to 15 bytes without slash, colon or white space, such as net1 (rule ifname-syntax)`},
		},
	}
}

// many returns n valid allocations.
func many(n int) []allocation {
	var allocations []allocation
	for i := 1; i <= n; i++ {
		allocations = append(allocations, at(strconv.Itoa(i), "default/web-"+strconv.Itoa(i)))
	}
	return allocations
}
