package codec

import "ippool-webhook/webhook/ippool"

// field is a field of the schema.
type field uint8

const (
	fieldAPIVersion field = iota
	fieldKind
	fieldMetadata
	fieldSpec
	fieldRange
	fieldEnableL3
	fieldAllocations
	fieldID
	fieldPodRef
	fieldIfName
	fieldClaimRef
	numFields
)

// fieldPaths holds the path of each field; the path of a field of an allocation begins at the allocation.
var fieldPaths = [numFields]string{ //nolint:gochecknoglobals // a constant, as far as Go has constant arrays
	"apiVersion", "kind", "metadata", "spec", "spec.range", "spec.enable_l3", "spec.allocations",
	"id", "podref", "ifname", "ipamclaimref",
}

// wrongType returns the bit of a field of an allocation.
func (f field) wrongType() ippool.WrongTypes { return ippool.WrongID << (f - fieldID) }

// seenFields is the set of fields that an object has had, and the set of those that it has had more than once.
type seenFields struct {
	once, again uint16
}

// add adds f. It reports whether f occurs again, and whether this is its first repetition.
func (s *seenFields) add(f field) (again, first bool) {
	bit := uint16(1) << f
	again, first = s.once&bit != 0, s.again&bit == 0
	s.once |= bit
	if again {
		s.again |= bit
	}
	return again, again && first
}

// note records f, which is not in an allocation, as a duplicate if the object has had it before.
func (d *Decoder) note(seen *seenFields, f field) {
	if _, first := seen.add(f); first {
		d.paths.path = append(d.paths.path[:0], fieldPaths[f]...)
		d.addDuplicate()
	}
}

// decodeWrong decodes a value of a wrong type for field f of spec, or spec itself, and records it.
func (d *Decoder) decodeWrong(r *Reader, f field, must string) error {
	d.paths.path = append(d.paths.path[:0], fieldPaths[f]...)
	text, err := d.textOf(r)
	if err != nil {
		return err
	}
	d.pool.WrongTypes = append(d.pool.WrongTypes, ippool.WrongField{Path: fieldPaths[f], Must: must, Text: text})
	return nil
}

// dropWrong drops the earlier values of a wrong type of these fields, because only the last value counts.
func (d *Decoder) dropWrong(fields ...field) {
	for _, f := range fields {
		for i := range d.pool.WrongTypes {
			if d.pool.WrongTypes[i].Path == fieldPaths[f] {
				last := len(d.pool.WrongTypes) - 1
				d.pool.WrongTypes[i], d.pool.WrongTypes[last] = d.pool.WrongTypes[last], ippool.WrongField{}
				d.pool.WrongTypes = d.pool.WrongTypes[:last]
				break
			}
		}
	}
}

// textOf reads a value outside the schema and returns its JSON text. The current path is that of the value.
func (d *Decoder) textOf(r *Reader) (string, error) {
	r.Peek() // reads the white space before the value
	start := r.Offset()
	if err := d.walk(r); err != nil {
		return "", err
	}
	return r.TextSince(start), nil
}
