package codec

import (
	"strconv"

	"ippool-webhook/webhook/ippool"
)

// maxDuplicates is the largest number of duplicate fields that sigs.k8s.io/json reports (saveStrictError in its
// kubernetes_patch.go).
const maxDuplicates = 100

// paths holds the path of the field that is being read, and the paths of the duplicate fields.
type paths struct {
	path []byte
	seen map[string]struct{}
}

func (s *paths) reset() {
	s.path = s.path[:0]
	clear(s.seen) // never holds more than maxDuplicates
}

// enter makes path the path of a field; leave restores the path before.
func (s *paths) enter(separator, field string) (before int) {
	before = len(s.path)
	s.path = ippool.AppendName(s.path, separator, field)
	return before
}

func (s *paths) enterElement(i int) (before int) {
	before = len(s.path)
	if before < ippool.MaxPath {
		s.path = append(strconv.AppendInt(append(s.path, '['), int64(i), 10), ']')
	}
	return before
}

func (s *paths) leave(before int) { s.path = s.path[:before] }

// addDuplicate records that the field at the current path occurs again.
func (d *Decoder) addDuplicate() {
	if len(d.pool.Duplicates) == maxDuplicates {
		return
	}
	if _, ok := d.paths.seen[string(d.paths.path)]; ok {
		return
	}
	if d.paths.seen == nil {
		d.paths.seen = map[string]struct{}{}
	}
	path := string(d.paths.path)
	d.paths.seen[path] = struct{}{}
	d.pool.Duplicates = append(d.pool.Duplicates, path)
}
