package codec

import "ippool-webhook/webhook/ippool"

// decodeMetadata reads the fields that the rules need and skips the rest: the API server owns metadata, and its managedFields
// can be as large as the spec.
func (d *Decoder) decodeMetadata(r *Reader) error {
	d.pool.Name, d.pool.Namespace, d.pool.Deleting, d.pool.AllowDelete, d.pool.ManagedFields = "", "", false, "", nil
	if r.Peek() != '{' {
		return r.SkipValue()
	}
	return decodeFields(r, func(name string) (err error) {
		switch name {
		case "name":
			d.pool.Name, err = decodeLeniently(r)
		case "namespace":
			d.pool.Namespace, err = decodeLeniently(r)
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
	d.pool.AllowDelete = ""
	if r.Peek() != '{' {
		return r.SkipValue()
	}
	return decodeFields(r, func(name string) (err error) {
		if name != ippool.AllowDeleteAnnotation {
			return r.SkipValue()
		}
		d.pool.AllowDelete, err = decodeLeniently(r)
		return err
	})
}
