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

const (
	// maxDuplicates is how many duplicate fields sigs.k8s.io/json reports at the most (saveStrictError in its
	// kubernetes_patch.go).
	maxDuplicates = 100
	// maxUnknown is how many unknown fields are kept.
	maxUnknown = 1000
	// maxPath bounds the bytes kept of a path, so that neither deep nesting nor long names multiply into much memory or
	// time.
	maxPath = 1024
)

// Path returns the field's path as the API server spells it (pkg/apiserver/schema/options.go of
// k8s.io/apiextensions-apiserver), such as spec.allocations.5.bogus; only its beginning where it is very long.
func (p *Pool) Path(f UnknownField) string {
	return string(extendPath(p.parentPath(f.Parent), "", f.Name))
}

// parentPath returns the path of a parent and the dot after it.
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
	return extendPath(nil, "spec.allocations.", p.Allocations[entry].Key)
}

// extendPath appends a separator and a name to a path, as far as a path is kept.
func extendPath(path []byte, separator, name string) []byte {
	if len(path) >= maxPath {
		return path
	}
	path = append(path, separator...)
	return append(path, name[:min(len(name), maxPath)]...)
}

// addUnknown records the field, once, and up to a limit. It reports whether the field was there before, and so is a
// duplicate.
func (p *Pool) addUnknown(parent int32, name string) (again bool) {
	n := len(p.Unknown)
	if n == maxUnknown {
		p.MoreUnknown = true
		return false
	}
	f := UnknownField{Parent: parent, Name: name, visit: p.visits.visitOf(parent)}
	const odd = 0x9e3779b97f4a7c15 // spreads the numbers of parents over the table
	hash := hashString(name) + uint64(parent)*odd
	if p.unknownKeys.findOrAdd(hash, n, func(i int) bool { return p.Unknown[i] == f }) != n {
		return true
	}
	p.Unknown = append(p.Unknown, f)
	return false
}

// dropOverwrittenFields drops the unknown fields of values whose place a later value took.
func (p *Pool) dropOverwrittenFields() {
	p.Unknown = slices.DeleteFunc(p.Unknown, func(f UnknownField) bool { return f.visit != p.visits.visitOf(f.Parent) })
}

// addDuplicate records that a field was given again.
func (p *Pool) addDuplicate(path []byte) {
	if len(p.Duplicates) < maxDuplicates && !slices.Contains(p.Duplicates, string(path)) {
		p.Duplicates = append(p.Duplicates, string(path))
	}
}
