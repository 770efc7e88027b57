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

// AllowDeleteAnnotation lifts the rule delete-in-use where it says "true" on a pool.
const AllowDeleteAnnotation = "ippool-webhook/allow-delete"

// Pool is a view of one IPPool: its strings are lent by the JSON text that it was decoded from and live as long as
// that. A Pool is reused by decoding into it again; its zero value is an absent object. It must not be copied.
type Pool struct {
	Object
	memory
}

// Object is what an IPPool says, as far as the rules care.
type Object struct {
	// Present says that there is an object: not absent and not null.
	Present bool
	// Size is the length of the object's JSON text, in bytes.
	Size int

	APIVersion string
	Kind       string
	Name       string
	// Deleting says that the object has a deletionTimestamp.
	Deleting bool
	// AllowDelete says that the object has AllowDeleteAnnotation.
	AllowDelete bool

	// HasSpec and HasAllocations say that the field is there and not null.
	HasSpec        bool
	HasAllocations bool
	// RangeText is spec.range as written, Range what it parses to, and RangeError why it does not parse. All three, and Counted, are
	// zero where spec.range is absent or empty.
	RangeText  string
	Range      Range
	RangeError error
	// Counted is the range that the allocations count through: Range, or what a malformed one evidently means. It is not
	// valid where nobody can tell.
	Counted Range
	// Allocations are in the order of the JSON text, each key once.
	Allocations []Allocation
	// Respellable counts the allocations whose keys are not canonical.
	Respellable int

	// Unknown lists the fields outside the schema, except those in metadata.
	Unknown []UnknownField
	// MoreUnknown says that there are more than Unknown lists.
	MoreUnknown bool
	// Duplicates lists the paths of fields that were given more than once, except those in metadata, in the order of the
	// JSON text, each once and at most 100 (as sigs.k8s.io/json does).
	Duplicates []string
}

// memory is what a Pool works with besides what it says, kept from one object to the next.
type memory struct {
	// texts holds the JSON text of each allocation, key and value, where it has the shape that writers produce.
	texts       []string
	like        *Pool
	mistyped    mistyped
	visits      visits
	keys        keys
	unknownKeys index

	byDigits             Groups
	byPodRef             Groups
	byPodInterface       Groups
	byContainerInterface Groups
}

// Allocation is one entry of spec.allocations: the owner of the address at an offset.
type Allocation struct {
	Key    string
	ID     string
	PodRef string
	IfName string
	Offset Offset
}

// Reset makes p an absent object again.
func (p *Pool) Reset() {
	// What is cleared would keep the bodies of earlier requests in memory.
	clear(p.Allocations)
	clear(p.texts)
	clear(p.Unknown)
	clear(p.Duplicates)
	p.Object = Object{Allocations: p.Allocations[:0], Unknown: p.Unknown[:0], Duplicates: p.Duplicates[:0]}
	p.texts, p.like = p.texts[:0], nil
	p.mistyped, p.visits = mistyped{}, visits{}
	p.keys.reset()
	p.unknownKeys.reset(0)
	for _, g := range []*Groups{&p.byDigits, &p.byPodRef, &p.byPodInterface, &p.byContainerInterface} {
		g.built = false
	}
}

// Less reports whether allocation i comes before j in reports: by offset, then by key. Keys that are no offset come
// last.
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

// FindOffset returns the number of an allocation whose key says the same offset as key: the one with the same spelling if
// there is one, or else the first of them in the order of Compare; or -1.
func (p *Pool) FindOffset(key string) int {
	if i := p.Find(key); i >= 0 {
		return i
	}
	digits := Digits(key)
	if digits == "" {
		return -1
	}
	if i := p.Find(digits); i >= 0 || p.Respellable == 0 {
		return i
	}
	aliases := p.ByOffset()
	i := aliases.index.find(hashString(digits), func(i int) bool { return Digits(p.Allocations[i].Key) == digits })
	if i < 0 {
		return -1
	}
	return aliases.First(i)
}
