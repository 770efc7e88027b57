package ippool

// Trait is something that several allocations can have in common.
type Trait int

// The traits.
const (
	// SameKey: the spelling of the key.
	SameKey Trait = iota
	// SameOffset: the offset, however it is spelled.
	SameOffset
	// SamePod: the podref.
	SamePod
	// SamePodInterface: podref and ifname; absent is the same as empty.
	SamePodInterface
	// SameContainerInterface: id and ifname.
	SameContainerInterface
	// SameOwner: podref, ifname and id.
	SameOwner
	// SameID: the id.
	SameID
	// SameIfName: the ifname.
	SameIfName
	// SameClaim: the ipamclaimref.
	SameClaim
	numTraits
)

// shared reports whether two allocations have the trait in common. A value of a wrong type is only the same as another of a
// wrong type.
func (t Trait) shared(a, b *Allocation) bool {
	switch t {
	case SameKey:
		return a.Key == b.Key
	case SameOffset:
		return a.SameOffset(b)
	case SamePod:
		return a.PodRef == b.PodRef && sameTypes(a, b, WrongPodRef)
	case SamePodInterface:
		return SamePod.shared(a, b) && SameIfName.shared(a, b)
	case SameContainerInterface:
		return SameID.shared(a, b) && SameIfName.shared(a, b)
	case SameOwner:
		return SamePod.shared(a, b) && SameIfName.shared(a, b) && SameID.shared(a, b)
	case SameID:
		return a.ID == b.ID && sameTypes(a, b, WrongID)
	case SameIfName:
		return a.IfName == b.IfName && sameTypes(a, b, WrongIfName)
	default:
		return a.ClaimRef == b.ClaimRef && sameTypes(a, b, WrongClaimRef)
	}
}

// SameOwnerAs reports whether two allocations have the same podref, ifname and id.
func (a *Allocation) SameOwnerAs(b *Allocation) bool { return SameOwner.shared(a, b) }

func sameTypes(a, b *Allocation, fields WrongTypes) bool {
	fields |= WrongValue
	return a.WrongTypes&fields == b.WrongTypes&fields
}

// hash returns the same number for allocations that share the trait.
func (t Trait) hash(a *Allocation) uint64 {
	switch t {
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

// groups reports whether an allocation has the trait at all: an empty podref or id, or one of a wrong type, is common to no
// allocations, and a key that is not a number has no offset.
func (t Trait) groups(a *Allocation) bool {
	switch t {
	case SameOffset:
		return a.Offset.Digits > 0
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
