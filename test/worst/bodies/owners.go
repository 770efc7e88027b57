package bodies

import "strings"

// ownerKinds have allocations whose owners break rules.
func ownerKinds() []Kind {
	label, name := strings.Repeat("n", 63), strings.Repeat("p", 240)
	return []Kind{
		{Name: "one pod and interface everywhere", object: allocations(numbered(`"%[1]d":{"id":"%[1]d","podref":"a/b","ifname":"n"}`))},
		{Name: "one pod without interface everywhere", object: allocations(numbered(`"%[1]d":{"id":"%[1]d","podref":"a/b"}`))},
		{Name: "one pod with one id everywhere", object: allocations(numbered(`"%d":{"id":"i","podref":"a/b"}`))},
		{Name: "one pod on many interfaces", object: allocations(numbered(`"%[1]d":{"id":"i","podref":"a/b","ifname":"n%[1]d"}`))},
		{Name: "each pod twice", object: allocations(numbered(`"%[1]d0":{"id":"%[1]d","podref":"a/b%[1]d"},"%[1]d5":{"id":"x","podref":"a/b%[1]d"}`))},
		{Name: "one pod everywhere in reverse order", object: allocations(joined(fromTheEnd(`"%[1]d":{"id":"%[1]d","podref":"a/b"}`)))},
		{Name: "one id everywhere", object: allocations(numbered(`"%[1]d":{"id":"i","podref":"a/b%[1]d","ifname":"n"}`))},
		{Name: "one id of 1 KiB everywhere", object: allocations(numbered(`"%[1]d":{"id":"` + strings.Repeat("i", 1000) + `","podref":"a/b%[1]d"}`))},
		{Name: "long podrefs that begin alike", object: allocations(numbered(`"%[1]d":{"id":"%[1]d","podref":"` + label + `/` + name + `%08[1]d"}`))},
		{Name: "empty allocations", object: allocations(numbered(`"%07d":{}`))},
		{Name: "null allocations", object: allocations(named(`"%s":null`, shortest))},
		{Name: "empty podrefs", object: allocations(numbered(`"%d":{"podref":""}`))},
		{Name: "invalid podrefs", object: allocations(numbered(`"%[1]d":{"id":"%[1]d","podref":"x%[1]d"}`))},
		{Name: "invalid podrefs out of range", object: allocationsIn("10.0.0.0/30", numbered(`"%[1]d":{"id":"%[1]d","podref":"x"}`))},
		{Name: "invalid ifnames", object: allocations(numbered(`"%[1]d":{"id":"%[1]d","podref":"a/b%[1]d","ifname":"a/b"}`))},
		{Name: "long ifnames", object: allocations(numbered(`"%[1]d":{"id":"%[1]d","podref":"a/b%[1]d","ifname":"` + strings.Repeat("n", 1000) + `%[1]d"}`))},
		{Name: "claims", object: allocations(numbered(`"%[1]d":{"id":"%[1]d","podref":"a/b%[1]d","ipamclaimref":"c%[1]d"}`))},
		{Name: "one claim everywhere", object: allocations(numbered(`"%[1]d":{"id":"%[1]d","podref":"a/b%[1]d","ipamclaimref":"c"}`))},
		{Name: "every rule broken", object: allocations(numbered(`"0%[1]d":{"podref":"x","ifname":":"},"%[1]d":{"podref":"x","ifname":":"}`))},
	}
}
