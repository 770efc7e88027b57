package codec

import "ippool-webhook/webhook/ippool"

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
		return d.decodeWrong(r, fieldSpec, "object")
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
		return "", d.decodeWrong(r, fieldRange, "string")
	}
}

func (d *Decoder) decodeEnableL3(r *Reader) (bool, error) {
	d.dropWrong(fieldEnableL3)
	switch kind := r.Peek(); kind {
	case 't', 'f', 'n':
		return kind == 't', r.SkipValue()
	default:
		return false, d.decodeWrong(r, fieldEnableL3, "boolean")
	}
}
