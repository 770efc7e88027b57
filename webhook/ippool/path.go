package ippool

// MaxPath is the number of bytes that are kept of the path of an unknown or duplicate field, so that neither deep nesting nor
// long names multiply into much memory or time.
const MaxPath = 1024

// Path returns the field's path as the API server writes it (pkg/apiserver/schema/options.go of
// k8s.io/apiextensions-apiserver), such as spec.allocations.5.bogus, and cuts it at MaxPath.
func (p *Pool) Path(f UnknownField) string {
	return string(AppendName(p.AppendParent(nil, f.Parent), "", f.Name))
}

// AppendParent appends the path of a parent and the dot after it.
func (p *Pool) AppendParent(dst []byte, parent int32) []byte {
	switch parent {
	case InRoot:
		return dst
	case InSpec:
		return append(dst, "spec."...)
	default:
		return append(AppendName(dst, "spec.allocations.", p.Allocations[parent].Key), '.')
	}
}

// AppendName appends a separator and a name to a path that is shorter than MaxPath.
func AppendName(path []byte, separator, name string) []byte {
	if len(path) >= MaxPath {
		return path
	}
	path = append(path, separator...)
	return append(path, name[:min(len(name), MaxPath)]...)
}
