package ippool

import (
	"cmp"
	"strings"
)

// The identity of the objects that this package reads.
const (
	Group   = "whereabouts.cni.cncf.io"
	Version = "v1alpha1"
	Kind    = "IPPool"
)

// AllowDeleteAnnotation lifts the rule delete-in-use where its value on a pool is "true".
const AllowDeleteAnnotation = "ippool-webhook/allow-delete"

// Pool is a view of one IPPool: its strings are lent by the JSON text that it was decoded from and live as long as
// that. A Pool is reused by decoding into it again; its zero value is an absent object. It must not be copied.
type Pool struct {
	Object
	memory
}

// Object is what an IPPool says, as far as the rules care. It holds whatever can be read of an object whose fields have
// wrong types.
type Object struct {
	// Present says that there is a value: not absent and not null.
	Present bool
	// WrongRoot names the JSON type of a value that is not an object; it is empty for an object.
	WrongRoot string
	// Size is the length of the object's JSON text, in bytes.
	Size int

	APIVersion string
	Kind       string
	Name       string
	// Deleting says that the object has a deletionTimestamp.
	Deleting bool
	// AllowDelete says that the object has AllowDeleteAnnotation.
	AllowDelete bool
	// ManagedFields is the JSON text of metadata.managedFields; it is nil where that is absent.
	ManagedFields []byte

	// HasSpec and HasAllocations say that the field is present and not null.
	HasSpec        bool
	HasAllocations bool
	// RangeText is spec.range as written, Range what it parses to, and RangeError why it does not parse. All three, and Counted, are
	// zero where spec.range is absent, empty, or not a string.
	RangeText  string
	Range      Range
	RangeError error
	// Counted is the range that the allocations count through: Range, or the one evident meaning of a malformed one. It is
	// not valid where there is none.
	Counted Range
	// EnableL3 is spec.enable_l3 of the telekom fork: the first and the last address of the range are used.
	EnableL3 bool
	// Allocations are in the order of the JSON text, each key once. There are none where Overfull.
	Allocations []Allocation
	// Items is how many items spec.allocations has, a key that comes twice counted twice.
	Items int
	// Overfull says that spec.allocations has more than MaxAllocations keys.
	Overfull bool
	// NonCanonical counts the allocations whose keys are not canonical.
	NonCanonical int

	// WrongTypes lists the fields of spec, and spec itself, whose values have a wrong type.
	WrongTypes []WrongField
	// Unknown lists the fields outside the schema, except those in metadata, at most 1,000.
	Unknown []UnknownField
	// MoreUnknown is how many more there are than Unknown lists.
	MoreUnknown int
	// Duplicates lists the paths of fields that were given more than once, except those in metadata, in the order of the
	// JSON text, each once and at most 100 (as sigs.k8s.io/json does).
	Duplicates []string
}

// memory is what a Pool works with besides what it says, kept from one object to the next.
type memory struct {
	schema *Schema
	like   *Pool
	src    []byte
	items  []item
	last   visit
	// specVisit and allocationsVisit are the last visits of these two fields.
	specVisit, allocationsVisit visit
	// allocationsStart is where the allocations begin in src.
	allocationsStart int
	keys             keys
	names            names
	paths            paths
	groups           [numTraits]Groups
	members          [numTraits]members
}

// item is what the decoder remembers about an allocation.
type item struct {
	// start and end bound the JSON text, key and value, where it has the shape that writers produce; end is 0 otherwise.
	start, end uint32
	// visit is that of a key that came again.
	visit visit
}

// Reset makes p an absent object again.
func (p *Pool) Reset() {
	// What is cleared would keep the bodies of earlier requests in memory.
	clear(p.Allocations)
	clear(p.WrongTypes)
	clear(p.Unknown)
	clear(p.Duplicates)
	p.Object = Object{
		Allocations: p.Allocations[:0], WrongTypes: p.WrongTypes[:0], Unknown: p.Unknown[:0], Duplicates: p.Duplicates[:0],
	}
	p.schema, p.like, p.src = nil, nil, nil
	p.items = p.items[:0]
	p.last, p.specVisit, p.allocationsVisit = 0, 0, 0
	p.keys.reset()
	p.names.reset()
	p.paths.reset()
	for t := range p.groups {
		p.groups[t].built, p.members[t].built = false, false
	}
}

// Less reports whether allocation i comes before j in reports: by offset, then by key. Keys that are not readable as an
// offset come last.
func (p *Pool) Less(i, j int) bool { return p.Compare(i, j) < 0 }

// Compare is Less as a three-way comparison.
func (p *Pool) Compare(i, j int) int {
	a, b := &p.Allocations[i], &p.Allocations[j]
	switch {
	case a.Offset.Readable && b.Offset.Readable:
		return cmp.Or(cmp.Compare(a.Offset.Value, b.Offset.Value), cmp.Compare(len(a.Key), len(b.Key)), strings.Compare(a.Key, b.Key))
	case a.Offset.Readable:
		return -1
	case b.Offset.Readable:
		return 1
	default:
		return cmp.Or(cmp.Compare(len(a.Key), len(b.Key)), strings.Compare(a.Key, b.Key))
	}
}

// Find returns the number of the allocation whose key is spelled key, or -1.
func (p *Pool) Find(key string) int {
	return p.keys.find(p.Allocations, key)
}

// find returns the number of an allocation at the offset of a: the one with the same key if there is one, otherwise the
// first of them in the order of Compare; or -1.
func (p *Pool) find(a *Allocation) int {
	if i := p.Find(a.Key); i >= 0 || a.Offset.Digits == 0 {
		return i
	}
	if p.NonCanonical == 0 {
		if a.Offset.Canonical {
			return -1
		}
		return p.Find(a.Digits())
	}
	offsets := p.By(SameOffset)
	i := offsets.index.find(SameOffset.hash(a), func(i int) bool { return a.SameOffset(&p.Allocations[i]) })
	if i < 0 {
		return -1
	}
	return offsets.First(i)
}
