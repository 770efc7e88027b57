package codec

import "ippool-webhook/webhook/ippool"

func (d *Decoder) decodeRoot(r *Reader) error {
	if kind := r.Peek(); kind != '{' {
		if kind != 'n' {
			d.pool.WrongRoot = KindName(kind)
		}
		return r.SkipValue()
	}
	var seen seenFields
	return decodeFields(r, func(name string) (err error) {
		f, ok := fieldOfRoot(name)
		if !ok {
			return d.decodeOther(r, ippool.InRoot, 0, name)
		}
		d.note(&seen, f)
		switch f {
		case fieldAPIVersion:
			d.pool.APIVersion, err = decodeLeniently(r)
		case fieldKind:
			d.pool.Kind, err = decodeLeniently(r)
		case fieldMetadata:
			err = d.decodeMetadata(r)
		default:
			err = d.decodeSpec(r)
		}
		return err
	})
}

func fieldOfRoot(name string) (field, bool) {
	switch name {
	case "apiVersion":
		return fieldAPIVersion, true
	case "kind":
		return fieldKind, true
	case "metadata":
		return fieldMetadata, true
	case "spec":
		return fieldSpec, true
	default:
		return 0, false
	}
}

// decodeMetadata reads what the rules need and leaves the rest alone: the API server owns metadata, and its
// managedFields can be as large as the spec.
func (d *Decoder) decodeMetadata(r *Reader) error {
	d.pool.Name, d.pool.Deleting, d.pool.AllowDelete, d.pool.ManagedFields = "", false, false, nil
	if r.Peek() != '{' {
		return r.SkipValue()
	}
	return decodeFields(r, func(name string) (err error) {
		switch name {
		case "name":
			d.pool.Name, err = decodeLeniently(r)
		case "deletionTimestamp":
			d.pool.Deleting = r.Peek() != 'n'
			err = r.SkipValue()
		case "annotations":
			err = d.decodeAnnotations(r)
		case "managedFields":
			r.Peek() // reads the white space before the value
			start := r.Offset()
			err = r.SkipValue()
			d.pool.ManagedFields = r.Source()[start:r.Offset()]
		default:
			err = r.SkipValue()
		}
		return err
	})
}

func (d *Decoder) decodeAnnotations(r *Reader) error {
	d.pool.AllowDelete = false
	if r.Peek() != '{' {
		return r.SkipValue()
	}
	return decodeFields(r, func(name string) error {
		if name != ippool.AllowDeleteAnnotation {
			return r.SkipValue()
		}
		value, err := decodeLeniently(r)
		d.pool.AllowDelete = value == "true"
		return err
	})
}

func (d *Decoder) decodeSpec(r *Reader) error {
	d.spec = d.names.newObject()
	d.pool.HasSpec, d.pool.RangeText, d.pool.EnableL3 = false, "", false
	d.dropWrong(fieldSpec, fieldRange, fieldEnableL3, fieldAllocations)
	d.clearAllocations()
	switch r.Peek() {
	case 'n':
		return r.SkipValue()
	case '{':
		d.pool.HasSpec = true
	default:
		return d.decodeWrong(r, fieldSpec, "an object")
	}
	var seen seenFields
	return decodeFields(r, func(name string) (err error) {
		f, ok := fieldOfSpec(name)
		if !ok {
			return d.decodeOther(r, ippool.InSpec, d.spec, name)
		}
		d.note(&seen, f)
		switch f {
		case fieldRange:
			d.pool.RangeText, err = d.decodeRange(r)
		case fieldEnableL3:
			d.pool.EnableL3, err = d.decodeEnableL3(r)
		default:
			err = d.decodeAllocations(r)
		}
		return err
	})
}

func fieldOfSpec(name string) (field, bool) {
	switch name {
	case "range":
		return fieldRange, true
	case "enable_l3":
		return fieldEnableL3, true
	case "allocations":
		return fieldAllocations, true
	default:
		return 0, false
	}
}

func (d *Decoder) decodeRange(r *Reader) (string, error) {
	d.dropWrong(fieldRange)
	switch r.Peek() {
	case '"':
		return r.Text()
	case 'n':
		return "", r.SkipValue()
	default:
		return "", d.decodeWrong(r, fieldRange, "a string")
	}
}

func (d *Decoder) decodeEnableL3(r *Reader) (bool, error) {
	d.dropWrong(fieldEnableL3)
	switch kind := r.Peek(); kind {
	case 't', 'f', 'n':
		return kind == 't', r.SkipValue()
	default:
		return false, d.decodeWrong(r, fieldEnableL3, "a boolean")
	}
}

// decodeFields reads the object that comes next, calling decode for each of its fields to read the value.
func decodeFields(r *Reader, decode func(name string) error) error {
	if err := r.Enter(); err != nil {
		return err
	}
	for {
		name, more, err := r.Name()
		if err != nil || !more {
			return err
		}
		if err := decode(name); err != nil {
			return err
		}
	}
}

// decodeLeniently reads a string; a value of another type reads as empty.
func decodeLeniently(r *Reader) (string, error) {
	if r.Peek() != '"' {
		return "", r.SkipValue()
	}
	return r.Text()
}
