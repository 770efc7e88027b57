package ippool

import "strconv"

const (
	// maxDuplicates is how many duplicate fields sigs.k8s.io/json reports at the most (saveStrictError in its
	// kubernetes_patch.go).
	maxDuplicates = 100
	// maxPath bounds the bytes kept of a path, so that neither deep nesting nor long names multiply into much memory or
	// time.
	maxPath = 1024
)

// paths holds the path of the field that is being read and the paths of the duplicate fields. Its memory is reused from one
// pool to the next.
type paths struct {
	path []byte
	seen map[string]struct{}
}

func (s *paths) reset() {
	s.path = s.path[:0]
	clear(s.seen) // never holds more than maxDuplicates
}

// enter makes path the path of a field; leave makes it the one before again.
func (s *paths) enter(separator, field string) (before int) {
	before = len(s.path)
	s.path = appendPath(s.path, separator, field)
	return before
}

func (s *paths) enterElement(i int) (before int) {
	before = len(s.path)
	if before < maxPath {
		s.path = append(strconv.AppendInt(append(s.path, '['), int64(i), 10), ']')
	}
	return before
}

func (s *paths) leave(before int) { s.path = s.path[:before] }

// appendPath appends a separator and a name to a path, as far as a path is kept.
func appendPath(path []byte, separator, name string) []byte {
	if len(path) >= maxPath {
		return path
	}
	path = append(path, separator...)
	return append(path, name[:min(len(name), maxPath)]...)
}

// addDuplicate records that the field at the current path was given again.
func (p *Pool) addDuplicate() {
	if len(p.Duplicates) == maxDuplicates {
		return
	}
	if _, ok := p.paths.seen[string(p.paths.path)]; ok {
		return
	}
	if p.paths.seen == nil {
		p.paths.seen = map[string]struct{}{}
	}
	path := string(p.paths.path)
	p.paths.seen[path] = struct{}{}
	p.Duplicates = append(p.Duplicates, path)
}
