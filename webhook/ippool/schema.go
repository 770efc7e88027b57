package ippool

import (
	"fmt"
	"strings"
)

// The parents of a field other than an allocation.
const (
	InRoot = -1
	InSpec = -2
)

// Schema is the set of fields that an IPPool may have: those of every lineage of Whereabouts, status, and the ones that an
// operator adds. The nil Schema has no added ones.
type Schema struct {
	root, spec, allocation map[string]struct{}
}

// PathForms says which paths NewSchema takes.
const PathForms = "must be NAME, spec.NAME or spec.allocations.*.NAME"

// NewSchema returns the schema with added fields, each given as a path: NAME, spec.NAME or spec.allocations.*.NAME. A
// field is known together with everything below it. The error says which path is of another form.
func NewSchema(paths []string) (*Schema, error) {
	s := &Schema{root: map[string]struct{}{}, spec: map[string]struct{}{}, allocation: map[string]struct{}{}}
	for _, path := range paths {
		fields, name := s.place(path)
		if name == "" || strings.ContainsAny(name, ".*") {
			return nil, fmt.Errorf("%q is not the path of a field: "+PathForms, path)
		}
		fields[name] = struct{}{}
	}
	return s, nil
}

// place returns the set that the field at a path belongs to, and the field's name.
func (s *Schema) place(path string) (fields map[string]struct{}, name string) {
	if name, ok := strings.CutPrefix(path, "spec.allocations.*."); ok {
		return s.allocation, name
	}
	if name, ok := strings.CutPrefix(path, "spec."); ok {
		return s.spec, name
	}
	return s.root, path
}

// Knows reports whether a field that the decoder does not read itself is in the schema. The parent is InRoot, InSpec or the
// number of an allocation.
func (s *Schema) Knows(parent int, name string) bool {
	if parent == InRoot && name == "status" {
		return true
	}
	if s == nil {
		return false
	}
	var ok bool
	switch parent {
	case InRoot:
		_, ok = s.root[name]
	case InSpec:
		_, ok = s.spec[name]
	default:
		_, ok = s.allocation[name]
	}
	return ok
}
