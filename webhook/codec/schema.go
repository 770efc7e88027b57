package codec

import (
	"fmt"
	"strings"

	"ippool-webhook/webhook/ippool"
)

// Schema is the set of fields that an IPPool may have: those of every lineage of Whereabouts, status, and the fields that the
// Policy adds. The nil Schema has no added fields.
type Schema struct {
	root, spec, allocation map[string]struct{}
}

// PathForms describes the paths that NewSchema and Has accept.
const PathForms = "must be NAME, spec.NAME or spec.allocations.*.NAME"

// NewSchema returns the schema with added fields, each given as a path: NAME, spec.NAME or spec.allocations.*.NAME. A
// field is known together with everything below it. The error names a path of another form.
func NewSchema(paths []string) (*Schema, error) {
	s := &Schema{root: map[string]struct{}{}, spec: map[string]struct{}{}, allocation: map[string]struct{}{}}
	for _, path := range paths {
		parent, name, ok := splitPath(path)
		if !ok {
			return nil, fmt.Errorf("%q is not the path of a field: "+PathForms, path)
		}
		s.added(parent)[name] = struct{}{}
	}
	return s, nil
}

// splitPath returns the parent of the field at a path, which is 0 for every allocation, and the field's name. It reports
// whether the path has one of PathForms.
func splitPath(path string) (parent int, name string, ok bool) {
	parent, name = ippool.InRoot, path
	if rest, found := strings.CutPrefix(path, "spec.allocations.*."); found {
		parent, name = 0, rest
	} else if rest, found := strings.CutPrefix(path, "spec."); found {
		parent, name = ippool.InSpec, rest
	}
	return parent, name, name != "" && !strings.ContainsAny(name, ".*")
}

// added returns the added fields of a parent.
func (s *Schema) added(parent int) map[string]struct{} {
	switch parent {
	case ippool.InRoot:
		return s.root
	case ippool.InSpec:
		return s.spec
	default:
		return s.allocation
	}
}

// Has reports whether the field at a path is in the schema. The path has one of PathForms; no other path is in it.
func (s *Schema) Has(path string) bool {
	parent, name, ok := splitPath(path)
	if !ok {
		return false
	}
	read := fieldOfAllocation
	switch parent {
	case ippool.InRoot:
		read = fieldOfRoot
	case ippool.InSpec:
		read = fieldOfSpec
	}
	_, ok = read(name)
	return ok || s.Knows(parent, name)
}

// Knows reports whether a field that the decoder does not use is in the schema. The parent is ippool.InRoot, ippool.InSpec or
// the number of an allocation.
func (s *Schema) Knows(parent int, name string) bool {
	if parent == ippool.InRoot && name == "status" {
		return true
	}
	if s == nil {
		return false
	}
	_, ok := s.added(parent)[name]
	return ok
}
