package ippool

// Identity says in what respect two allocations are the same.
type Identity int

// The identities.
const (
	// SameKey: the same key.
	SameKey Identity = iota
	// SameOffset: the same offset, even if the keys differ.
	SameOffset
	// SamePod: the same podref.
	SamePod
	// SamePodInterface: the same podref and ifname; absent and empty are the same.
	SamePodInterface
	// SameContainerInterface: the same id and ifname.
	SameContainerInterface
	// SameOwner: the same podref, ifname and id.
	SameOwner
	// SameID: the same id.
	SameID
	// SameIfName: the same ifname.
	SameIfName
	// SameClaim: the same ipamclaimref.
	SameClaim
	numIdentities
)

// same reports whether two allocations are the same in this respect. A value of a wrong type equals only another value of a
// wrong type.
func (id Identity) same(a, b *Allocation) bool {
	switch id {
	case SameKey:
		return a.Key == b.Key
	case SameOffset:
		return a.SameOffset(b)
	case SamePod:
		return a.PodRef == b.PodRef && sameTypes(a, b, WrongPodRef)
	case SamePodInterface:
		return SamePod.same(a, b) && SameIfName.same(a, b)
	case SameContainerInterface:
		return SameID.same(a, b) && SameIfName.same(a, b)
	case SameOwner:
		return SamePod.same(a, b) && SameIfName.same(a, b) && SameID.same(a, b)
	case SameID:
		return a.ID == b.ID && sameTypes(a, b, WrongID)
	case SameIfName:
		return a.IfName == b.IfName && sameTypes(a, b, WrongIfName)
	default:
		return a.ClaimRef == b.ClaimRef && sameTypes(a, b, WrongClaimRef)
	}
}

// SameOwnerAs reports whether two allocations have the same podref, ifname and id.
func (a *Allocation) SameOwnerAs(b *Allocation) bool { return SameOwner.same(a, b) }

func sameTypes(a, b *Allocation, fields WrongTypes) bool {
	fields |= WrongValue
	return a.WrongTypes&fields == b.WrongTypes&fields
}

// hash returns the same number for allocations that are the same in this respect.
func (id Identity) hash(a *Allocation) uint64 {
	switch id {
	case SameKey:
		return hashString(a.Key)
	case SameOffset:
		return a.hashOffset()
	case SamePod:
		return hashString(a.PodRef)
	case SamePodInterface:
		return combine(hashString(a.PodRef), hashString(a.IfName))
	case SameContainerInterface:
		return combine(hashString(a.ID), hashString(a.IfName))
	case SameOwner:
		return combine(combine(hashString(a.PodRef), hashString(a.IfName)), hashString(a.ID))
	case SameID:
		return hashString(a.ID)
	case SameIfName:
		return hashString(a.IfName)
	default:
		return hashString(a.ClaimRef)
	}
}

// groups reports whether an allocation can be in a group with others. An empty podref or id, or one of a wrong type, forms no
// group, and a key that is not a number has no offset.
func (id Identity) groups(a *Allocation) bool {
	switch id {
	case SameOffset:
		return a.Offset.CanonicalLength > 0
	case SamePod, SamePodInterface:
		return a.PodRef != "" && !a.Wrong(WrongPodRef)
	case SameContainerInterface, SameID:
		return a.ID != "" && !a.Wrong(WrongID)
	case SameOwner:
		return a.PodRef != "" && a.ID != "" && !a.Wrong(WrongPodRef|WrongID)
	default:
		return true
	}
}

// Wrong reports whether the value of any of the fields, or the whole value, has a wrong type.
func (a *Allocation) Wrong(fields WrongTypes) bool { return a.WrongTypes&(fields|WrongValue) != 0 }
