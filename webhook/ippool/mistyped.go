package ippool

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"ippool-webhook/webhook/jsonview"
)

// field is a field of the schema.
type field int

const (
	fieldRoot field = iota
	fieldAPIVersion
	fieldKind
	fieldMetadata
	fieldName
	fieldAnnotations
	fieldSpec
	fieldRange
	fieldAllocations
	fieldEntry
	fieldID
	fieldPodRef
	fieldIfName
	numFields
)

// fieldPaths spells the fields; those of an allocation from the allocation on.
var fieldPaths = [numFields]string{ //nolint:gochecknoglobals // a constant, as far as Go has constant arrays
	"object", "apiVersion", "kind", "metadata", "metadata.name", "metadata.annotations", "spec", "spec.range", "spec.allocations",
	"", "id", "podref", "ifname",
}

// isObject tells the fields that hold an object from those that hold a string.
func (f field) isObject() bool {
	switch f {
	case fieldRoot, fieldMetadata, fieldAnnotations, fieldSpec, fieldAllocations, fieldEntry:
		return true
	default:
		return false
	}
}

// seenFields is the set of the fields that an object had so far.
type seenFields uint

func (s *seenFields) again(f field) bool {
	before := *s
	*s |= 1 << f
	return *s == before
}

// note records f, which is not in an allocation, as a duplicate where the object had it before.
func (s *seenFields) note(p *Pool, f field) {
	if s.again(f) {
		p.addDuplicate([]byte(fieldPaths[f]))
	}
}

// mistyped remembers the kind of the value of each field whose value has a wrong type.
type mistyped struct {
	fields [numFields]jsontext.Kind
	// inEntries lists what is wrong in allocations.
	inEntries []mistypedEntry
}

// mistypedEntry is a field of an allocation, or all of it, that has a wrong type.
type mistypedEntry struct {
	entry int32
	visit visit
	field field
	kind  jsontext.Kind
}

func (p *Pool) addMistyped(entry int32, f field, kind jsontext.Kind) {
	p.mistyped.inEntries = append(p.mistyped.inEntries, mistypedEntry{entry, p.visits.visitOf(entry), f, kind})
}

// dropMistyped forgets what was wrong with a field of the allocation that is being read, because it came again.
func (p *Pool) dropMistyped(entry int32, f field) {
	found := p.mistyped.inEntries
	for i := len(found) - 1; i >= 0 && found[i].entry == entry && found[i].visit == p.visits.visitOf(entry); i-- {
		if found[i].field == f {
			p.mistyped.inEntries = slices.Delete(found, i, i+1)
			return
		}
	}
}

// Err returns what in the JSON text has a type other than the schema's, or nil. A null is never wrong: it reads as
// absent, as in the API server.
func (p *Pool) Err() error {
	for f, kind := range p.mistyped.fields {
		if kind != 0 {
			return typeError(fieldPaths[f], field(f), kind)
		}
	}
	for _, m := range p.mistyped.inEntries {
		if m.visit != p.visits.visitOf(m.entry) {
			continue // a later value took its place
		}
		path := fmt.Sprintf("spec.allocations[%.64s]", p.Allocations[m.entry].Key)
		if m.field != fieldEntry {
			path += "." + fieldPaths[m.field]
		}
		return typeError(path, m.field, m.kind)
	}
	return nil
}

func typeError(path string, f field, kind jsontext.Kind) error {
	want := "a string"
	if f.isObject() {
		want = "an object"
	}
	return fmt.Errorf("%s must be %s, not %s", path, want, jsonview.KindName(kind))
}
