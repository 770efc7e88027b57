package ippool

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// The identity of the objects that this package describes.
const (
	Group   = "whereabouts.cni.cncf.io"
	Version = "v1alpha1"
	Kind    = "IPPool"
	// Resource is the plural name in URLs and in RBAC.
	Resource = "ippools"
)

// AllowDeleteAnnotation disables the rule delete-in-use for a pool on which its value is "true".
const AllowDeleteAnnotation = "ippool-webhook/allow-delete"

// AllowsDelete reports whether the rule delete-in-use is disabled for p.
func (p *Pool) AllowsDelete() bool { return p.AllowDelete == "true" }

// Pool is the content of an IPPool that the rules need. When fields have wrong types, it holds the content that can be read.
// Its zero value is an absent object.
type Pool struct {
	// Present says that there is a value: not absent and not null.
	Present bool
	// WrongRoot names the JSON type of a value that is not an object; it is empty for an object.
	WrongRoot string
	// Size is the length of the object's JSON text, in bytes.
	Size int

	APIVersion string
	Kind       string
	Name       string
	Namespace  string
	// Deleting says that the object has a deletionTimestamp.
	Deleting bool
	// AllowDelete is the value of AllowDeleteAnnotation, or "".
	AllowDelete string
	// ManagedFields is the JSON text of metadata.managedFields; it is nil when that is absent.
	ManagedFields []byte

	// HasSpec and HasAllocations say that the field is present and not null.
	HasSpec        bool
	HasAllocations bool
	// RangeText is spec.range as written; it is empty when spec.range is absent or not a string.
	RangeText string
	// RangeError says why RangeText is not a valid range; it is nil for a valid range and for an empty text.
	RangeError error
	// EffectiveRange is the range that offsets count from: the valid range, or the one range that a malformed text
	// unambiguously denotes. It is not valid when there is no such range.
	EffectiveRange Range
	// EnableL3 is spec.enable_l3 of the telekom fork: the first and the last address of the range are used.
	EnableL3 bool
	// Allocations are in the order of the JSON text, each key once. They are empty when Overfull is true.
	Allocations []Allocation
	// Unsorted says that the keys of Allocations are not in ascending byte order, in which the API server writes them.
	Unsorted bool
	// NonCanonical counts the allocations whose keys are not canonical.
	NonCanonical int
	// Items is the number of items of spec.allocations. It counts a key that occurs twice twice.
	Items int
	// Overfull says that spec.allocations has more than MaxAllocations keys.
	Overfull bool

	// WrongTypes lists the fields of spec, and spec itself, whose values have a wrong type.
	WrongTypes []WrongField
	// Unknown lists the fields outside the schema, except those in metadata, at most 1,000.
	Unknown []UnknownField
	// MoreUnknown is the number of unknown fields that Unknown does not list.
	MoreUnknown int
	// Duplicates lists the paths of fields that occur more than once, except those in metadata, in the order of the
	// JSON text, each once and at most 100 (as sigs.k8s.io/json does).
	Duplicates []string
}

// UnknownField is a field outside the schema of IPPool.
type UnknownField struct {
	// Parent is the number of the allocation that has the field, InRoot or InSpec.
	Parent int32
	Name   string
}

// The parents of a field that is not in an allocation.
const (
	InRoot = -1
	InSpec = -2
)

// WrongField is a field of spec, or spec itself, whose value has a wrong type.
type WrongField struct {
	// Path is the path of the field, and Must the type that its value must have, as TypeOf names it.
	Path, Must string
	// Text is the JSON text of the value.
	Text string
}

// Reset makes p an absent object. It keeps the memory of the lists, but not the texts that they refer to.
func (p *Pool) Reset() {
	clear(p.Allocations)
	clear(p.WrongTypes)
	clear(p.Unknown)
	clear(p.Duplicates)
	*p = Pool{
		Allocations: p.Allocations[:0], WrongTypes: p.WrongTypes[:0], Unknown: p.Unknown[:0], Duplicates: p.Duplicates[:0],
	}
}

// SetRange sets RangeText, RangeError and EffectiveRange.
func (p *Pool) SetRange(text string) {
	p.RangeText, p.RangeError, p.EffectiveRange = text, nil, Range{}
	if text == "" {
		return
	}
	if p.EffectiveRange, p.RangeError = ParseRange(text); p.RangeError != nil {
		p.EffectiveRange, _ = EvidentRange(text)
	}
}

// Add adds an allocation with a key that p does not have yet, and returns it. The pointer is valid until the next Add.
func (p *Pool) Add(key string) *Allocation {
	offset := ParseOffset(key)
	if !offset.Canonical {
		p.NonCanonical++
	}
	n := len(p.Allocations)
	p.Unsorted = p.Unsorted || n > 0 && p.Allocations[n-1].Key >= key
	p.Allocations = append(p.Allocations, Allocation{Key: key, Offset: offset})
	return &p.Allocations[n]
}

// DropAllocations removes all allocations and keeps their memory, but not the texts that they refer to.
func (p *Pool) DropAllocations() {
	clear(p.Allocations)
	p.Allocations, p.NonCanonical, p.Unsorted = p.Allocations[:0], 0, false
}

// Less reports whether allocation i comes before j in reports: by offset, then by key. Keys that cannot be read as an
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

// HasWrongType reports whether one of the fields at these paths has a value of a wrong type.
func (p *Pool) HasWrongType(paths ...string) bool {
	return slices.ContainsFunc(p.WrongTypes, func(w WrongField) bool { return slices.Contains(paths, w.Path) })
}

// TypeOf returns the type of a JSON value by its text, in the words of the API server: the types of JSON Schema, with "integer" for
// a number that fits into an int64 (k8s.io/kube-openapi/pkg/validation/validate/type.go).
func TypeOf(text string) string {
	if text == "" {
		return ""
	}
	switch text[0] {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	default:
		if _, err := strconv.ParseInt(text, 10, 64); err == nil {
			return "integer"
		}
		return "number"
	}
}
