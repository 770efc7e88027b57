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
