package ippool

import (
	"slices"

	"ippool-webhook/webhook/jsonview"
)

// maxUnknown is how many unknown fields are kept.
const maxUnknown = 1000

// UnknownField is a field outside the schema of IPPool.
type UnknownField struct {
	// Parent is the number of the allocation that the field is in, InRoot or InSpec.
	Parent int32
	Name   string
	// visit is that of the parent at which the field was found.
	visit visit
}

// Path returns the field's path as the API server spells it (pkg/apiserver/schema/options.go of
// k8s.io/apiextensions-apiserver), such as spec.allocations.5.bogus; only its beginning where it is very long.
func (p *Pool) Path(f UnknownField) string {
	return string(appendPath(p.appendParent(nil, f.Parent), "", f.Name))
}

// appendParent appends the path of a parent and the dot after it.
func (p *Pool) appendParent(dst []byte, parent int32) []byte {
	switch parent {
	case InRoot:
		return dst
	case InSpec:
		return append(dst, "spec."...)
	default:
		return append(appendPath(dst, "spec.allocations.", p.Allocations[parent].Key), '.')
	}
}

// decodeOther reads the value of a field that the decoder does not know itself.
func (p *Pool) decodeOther(r *jsonview.Reader, parent int32, name string) error {
	v := p.visitOf(parent)
	again, first := p.names.add(parent, v, name)
	if !again && !p.schema.Knows(int(parent), name) {
		p.addUnknown(UnknownField{Parent: parent, Name: name, visit: v})
	}
	if !first && !startsContainer(r) {
		return r.SkipValue()
	}
	p.paths.path = appendPath(p.appendParent(p.paths.path[:0], parent), "", name)
	if first {
		p.addDuplicate()
	}
	return p.walk(r)
}

func (p *Pool) addUnknown(f UnknownField) {
	if len(p.Unknown) == maxUnknown {
		p.MoreUnknown++
		return
	}
	p.Unknown = append(p.Unknown, f)
}

// dropOverwrittenFields drops the unknown fields of values whose place a later value took.
func (p *Pool) dropOverwrittenFields() {
	p.Unknown = slices.DeleteFunc(p.Unknown, func(f UnknownField) bool { return f.visit != p.visitOf(f.Parent) })
}

// visitOf returns the last visit of the parent of a field.
func (p *Pool) visitOf(parent int32) visit {
	switch parent {
	case InRoot:
		return 0
	case InSpec:
		return p.specVisit
	}
	if int(parent) >= len(p.items) {
		return -1 // the allocations that it was one of are gone
	}
	return max(p.items[parent].visit, p.allocationsVisit)
}

func (p *Pool) nextVisit() visit {
	p.last++
	return p.last
}
