package codec

import "ippool-webhook/webhook/ippool"

// scanValue reads an allocation in the form that clients write, an object of plain strings without white space and
// with each known field at most once, and returns its length. It returns 0 for any other text, which may not be JSON;
// decodeValue then reads it.
func scanValue(text []byte, a *ippool.Allocation) int {
	if len(text) < 2 || text[0] != '{' {
		return 0
	}
	if text[1] == '}' {
		return 2
	}
	var seen seenFields
	rest := text
	for rest[0] != '}' {
		name, afterName, ok := cutPlain(rest[1:])
		if !ok || len(afterName) == 0 || afterName[0] != ':' {
			return 0
		}
		value, afterValue, ok := cutPlain(afterName[1:])
		if !ok || len(afterValue) == 0 || afterValue[0] != ',' && afterValue[0] != '}' {
			return 0
		}
		rest = afterValue
		f, ok := fieldOfAllocation(View(name))
		if !ok {
			return 0
		}
		if again, _ := seen.add(f); again {
			return 0
		}
		*fieldOf(a, f) = View(value)
	}
	return len(text) - len(rest) + 1
}

func fieldOfAllocation(name string) (field, bool) {
	switch name {
	case "id":
		return fieldID, true
	case "podref":
		return fieldPodRef, true
	case "ifname":
		return fieldIfName, true
	case "ipamclaimref":
		return fieldClaimRef, true
	default:
		return 0, false
	}
}

func fieldOf(a *ippool.Allocation, f field) *string {
	switch f {
	case fieldID:
		return &a.ID
	case fieldPodRef:
		return &a.PodRef
	case fieldIfName:
		return &a.IfName
	default:
		return &a.ClaimRef
	}
}
