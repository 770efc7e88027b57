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
		before := p.paths.enter(".", name)
		if _, first := p.names.add(object, 0, name); first {
			p.addDuplicate()
		}
		err = p.walk(r)
		p.paths.leave(before)
		if err != nil {
			return err
		}
	}
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
		before := p.paths.enterElement(i)
		err = p.walk(r)
		p.paths.leave(before)
		if err != nil {
			return err
		}
	}
}
