package ippool

import "ippool-webhook/webhook/jsonview"

// walk reads the next value, which is outside the schema or has the wrong type, for the duplicate fields in it: the API
// server reports those at any depth. The current path is that of the value.
func (p *Pool) walk(r *jsonview.Reader) error {
	switch r.Peek() {
	case '{':
		return p.walkObject(r)
	case '[':
		return p.walkList(r)
	default:
		return r.SkipValue()
	}
}

func (p *Pool) walkObject(r *jsonview.Reader) error {
	if err := r.Enter(); err != nil {
		return err
	}
	object := p.names.newObject()
	for {
		name, more, err := r.Name()
		if err != nil || !more {
			return err
		}
		_, first := p.names.add(object, 0, name)
		if !first && !startsContainer(r) {
			err = r.SkipValue()
		} else {
			err = p.walkField(r, name, first)
		}
		if err != nil {
			return err
		}
	}
}

// walkField walks the value of a field, which is a duplicate where first.
func (p *Pool) walkField(r *jsonview.Reader, name string, first bool) error {
	before := p.paths.enter(".", name)
	if first {
		p.addDuplicate()
	}
	err := p.walk(r)
	p.paths.leave(before)
	return err
}

func (p *Pool) walkList(r *jsonview.Reader) error {
	if err := r.Enter(); err != nil {
		return err
	}
	for i := 0; ; i++ {
		more, err := r.More(']')
		if err != nil || !more {
			return err
		}
		if !startsContainer(r) {
			err = r.SkipValue()
		} else {
			before := p.paths.enterElement(i)
			err = p.walk(r)
			p.paths.leave(before)
		}
		if err != nil {
			return err
		}
	}
}

// startsContainer reports whether the next value is an object or a list.
func startsContainer(r *jsonview.Reader) bool {
	kind := r.Peek()
	return kind == '{' || kind == '['
}
