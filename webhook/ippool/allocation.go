package ippool

// MaxAllocations is the number of allocations of a pool that are decoded. An object of 1.5 MiB, the largest that etcd stores by
// default (--max-request-bytes), has room for fewer, even if all their fields are empty.
const MaxAllocations = 64 << 10

// Allocation is one item of spec.allocations: the owner of the address at an offset.
type Allocation struct {
	Key    string
	ID     string
	PodRef string
	IfName string
	// ClaimRef is ipamclaimref: the claim that keeps the address when the pod is replaced (Whereabouts pull request 742).
	ClaimRef string
	Offset   Offset
	// WrongTypes is the set of fields whose JSON type differs from the schema, or WrongValue. Such a field holds the JSON text
	// of its value; ID holds that of the whole value.
	WrongTypes WrongTypes
}

// WrongTypes is a set of fields of an allocation.
type WrongTypes uint8

// The fields of an allocation that can have a wrong type. WrongValue stands for the whole allocation.
const (
	WrongValue WrongTypes = 1 << iota
	WrongID
	WrongPodRef
	WrongIfName
	WrongClaimRef
)

// CanonicalKey returns the key in the form that Whereabouts writes, or "" if the key is not a whole number, or is negative.
func (a *Allocation) CanonicalKey() string { return a.Key[len(a.Key)-int(a.Offset.CanonicalLength):] }

// SameOffset reports whether two allocations have the same offset, even if their keys differ. A key that is not a number has
// an offset of its own.
func (a *Allocation) SameOffset(b *Allocation) bool {
	switch {
	case a.Offset.Readable || b.Offset.Readable:
		return a.Offset.Readable == b.Offset.Readable && a.Offset.Value == b.Offset.Value
	case a.Offset.CanonicalLength > 0 || b.Offset.CanonicalLength > 0:
		return a.CanonicalKey() == b.CanonicalKey()
	default:
		return a.Key == b.Key
	}
}

func (a *Allocation) hashOffset() uint64 {
	switch {
	case a.Offset.Readable:
		return hashNumber(a.Offset.Value)
	case a.Offset.CanonicalLength > 0:
		return hashString(a.CanonicalKey())
	default:
		return hashString(a.Key)
	}
}
