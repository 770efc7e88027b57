package ippool

import "slices"

// The parents of an UnknownField other than an allocation.
const (
	InRoot = -1
	InSpec = -2
)

// UnknownField is a field outside the schema of IPPool.
type UnknownField struct {
	// Parent is the number of the allocation that the field is in, InRoot or InSpec.
	Parent int32
	Name   string
	// visit is that of the parent at which the field was found.
	visit visit
}

// Path returns the field's path as the API server spells it (pkg/apiserver/schema/options.go of
// k8s.io/apiextensions-apiserver), such as spec.allocations.5.bogus.
func (p *Pool) Path(f UnknownField) string {
	return string(append(p.parentPath(f.Parent), f.Name...))
}

// parentPath returns the path of a parent and the dot after it, with room for more.
func (p *Pool) parentPath(parent int32) []byte {
	switch parent {
	case InRoot:
		return nil
	case InSpec:
		return []byte("spec.")
	default:
		return append(p.entryPath(parent), '.')
	}
}

func (p *Pool) entryPath(entry int32) []byte {
	return append([]byte("spec.allocations."), p.Allocations[entry].Key...)
}

// addUnknown records the field, once. It reports whether the field was there before, and so is a duplicate.
func (p *Pool) addUnknown(parent int32, name string) (again bool) {
	f := UnknownField{Parent: parent, Name: name, visit: p.visits.visitOf(parent)}
	n := len(p.Unknown)
	found := p.unknownKeys.findOrAdd(hashPair(name, p.keyOf(parent)), n, func(i int) bool { return p.Unknown[i] == f })
	if found != n {
		return true
	}
	p.Unknown = append(p.Unknown, f)
	return false
}

// keyOf is hashed with the names of unknown fields, so that one name in many allocations makes no long chain.
func (p *Pool) keyOf(parent int32) string {
	if parent < 0 {
		return ""
	}
	return p.Allocations[parent].Key
}

// dropOverwrittenFields drops the unknown fields of values whose place a later value took.
func (p *Pool) dropOverwrittenFields() {
	p.Unknown = slices.DeleteFunc(p.Unknown, func(f UnknownField) bool { return f.visit != p.visits.visitOf(f.Parent) })
}

const (
	// maxDuplicates is how many duplicate fields sigs.k8s.io/json reports at the most (saveStrictError in its
	// kubernetes_patch.go).
	maxDuplicates = 100
	// maxPath bounds the bytes kept of one path, so that deep nesting cannot multiply into much memory.
	maxPath = 1024
)

// addDuplicate records that a field was given again.
func (p *Pool) addDuplicate(path []byte) {
	path = path[:min(len(path), maxPath)]
	if len(p.Duplicates) < maxDuplicates && !slices.Contains(p.Duplicates, string(path)) {
		p.Duplicates = append(p.Duplicates, string(path))
	}
}
