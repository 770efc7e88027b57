package ippool

import (
	"strconv"

	"ippool-webhook/webhook/jsonview"
)

// walk reads the next value, which is outside the schema or has the wrong type, for the duplicate fields in it: the API
// server reports those at any depth.
func (p *Pool) walk(r *jsonview.Reader, path []byte) error {
	switch r.Peek() {
	case '{':
		return p.walkObject(r, path)
	case '[':
		return p.walkList(r, path)
	default:
		_, err := r.Raw()
		return err
	}
}

func (p *Pool) walkObject(r *jsonview.Reader, path []byte) error {
	if err := r.Enter(); err != nil {
		return err
	}
	seen := map[string]struct{}{}
	for {
		name, more, err := r.Name()
		if err != nil || !more {
			return err
		}
		field := extendPath(path, ".", name)
		if _, again := seen[name]; again {
			p.addDuplicate(field)
		}
		seen[name] = struct{}{}
		if err := p.walk(r, field); err != nil {
			return err
		}
	}
}

func (p *Pool) walkList(r *jsonview.Reader, path []byte) error {
	if err := r.Enter(); err != nil {
		return err
	}
	for i := 0; ; i++ {
		more, err := r.More(']')
		if err != nil || !more {
			return err
		}
		element := extendPath(path, "[", strconv.Itoa(i)+"]")
		if err := p.walk(r, element); err != nil {
			return err
		}
	}
}
