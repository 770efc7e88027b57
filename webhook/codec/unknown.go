package codec

import "ippool-webhook/webhook/ippool"

// maxUnknown is the number of unknown fields that are kept.
const maxUnknown = 1000

// decodeOther reads the value of a field that the decoder does not use. Its parent has the number object.
func (d *Decoder) decodeOther(r *Reader, parent, object int32, name string) error {
	again, first := d.names.add(object, name)
	if !again && !d.schema.Knows(int(parent), name) {
		d.addUnknown(ippool.UnknownField{Parent: parent, Name: name}, object)
	}
	if !first && !startsContainer(r) {
		return r.SkipValue()
	}
	d.paths.path = ippool.AppendName(d.pool.AppendParent(d.paths.path[:0], parent), "", name)
	if first {
		d.addDuplicate()
	}
	return d.walk(r)
}

func (d *Decoder) addUnknown(f ippool.UnknownField, object int32) {
	if len(d.pool.Unknown) == maxUnknown {
		d.pool.MoreUnknown++
		return
	}
	d.pool.Unknown = append(d.pool.Unknown, f)
	d.unknownIn = append(d.unknownIn, object)
}

// dropOverwrittenFields drops the unknown fields of objects that a later value of the same field replaced.
func (d *Decoder) dropOverwrittenFields() {
	kept := 0
	for i, f := range d.pool.Unknown {
		if d.unknownIn[i] == d.objectOf(f.Parent) {
			d.pool.Unknown[kept] = f
			kept++
		}
	}
	clear(d.pool.Unknown[kept:])
	d.pool.Unknown = d.pool.Unknown[:kept]
}

// objectOf returns the number of the object that is now the parent of a field.
func (d *Decoder) objectOf(parent int32) int32 {
	switch {
	case parent == ippool.InRoot:
		return 0
	case parent == ippool.InSpec:
		return d.spec
	case int(parent) < len(d.items):
		return d.items[parent].object
	default:
		return -1 // the allocations have been replaced
	}
}
