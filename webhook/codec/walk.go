package codec

// walk reads the next value, which is outside the schema or has the wrong type, to find the duplicate fields in it: the API
// server reports them at any depth. The current path is the path of the value.
func (d *Decoder) walk(r *Reader) error {
	switch r.Peek() {
	case '{':
		return d.walkObject(r)
	case '[':
		return d.walkList(r)
	default:
		return r.SkipValue()
	}
}

func (d *Decoder) walkObject(r *Reader) error {
	if err := r.Enter(); err != nil {
		return err
	}
	object := d.names.newObject()
	for {
		name, more, err := r.Name()
		if err != nil || !more {
			return err
		}
		_, first := d.names.add(object, name)
		if !first && !startsContainer(r) {
			err = r.SkipValue()
		} else {
			err = d.walkField(r, name, first)
		}
		if err != nil {
			return err
		}
	}
}

// walkField walks the value of a field. first says that the field is a duplicate that has not been recorded.
func (d *Decoder) walkField(r *Reader, name string, first bool) error {
	before := d.paths.enter(".", name)
	if first {
		d.addDuplicate()
	}
	err := d.walk(r)
	d.paths.leave(before)
	return err
}

func (d *Decoder) walkList(r *Reader) error {
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
			before := d.paths.enterElement(i)
			err = d.walk(r)
			d.paths.leave(before)
		}
		if err != nil {
			return err
		}
	}
}

// startsContainer reports whether the next value is an object or a list.
func startsContainer(r *Reader) bool {
	kind := r.Peek()
	return kind == '{' || kind == '['
}
