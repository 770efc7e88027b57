package ippool

import (
	"slices"

	"ippool-webhook/webhook/jsonview"
)

// WrongField is a field of spec, or spec itself, whose value has a wrong type.
type WrongField struct {
	// Path is the field's path, and Want the JSON type that its value must have, with its article.
	Path, Want string
	// Text is the JSON text of the value.
	Text string
}

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

// fieldPaths spells the fields; those of an allocation from the allocation on.
var fieldPaths = [numFields]string{ //nolint:gochecknoglobals // a constant, as far as Go has constant arrays
	"apiVersion", "kind", "metadata", "spec", "spec.range", "spec.enable_l3", "spec.allocations",
	"id", "podref", "ifname", "ipamclaimref",
}

// wrongType returns the bit of a field of an allocation.
func (f field) wrongType() WrongTypes { return WrongID << (f - fieldID) }

// seenFields is the set of the fields that an object had so far, and of those that it had more than once.
type seenFields struct {
	once, again uint16
}

// add adds f. It reports whether this is the first time that f comes again.
func (s *seenFields) add(f field) (again, first bool) {
	bit := uint16(1) << f
	again, first = s.once&bit != 0, s.again&bit == 0
	s.once |= bit
	if again {
		s.again |= bit
	}
	return again, again && first
}

// note records f, which is not in an allocation, as a duplicate where the object had it before.
func (p *Pool) note(seen *seenFields, f field) {
	if _, first := seen.add(f); first {
		p.paths.path = append(p.paths.path[:0], fieldPaths[f]...)
		p.addDuplicate()
	}
}

// decodeWrong reads a value of a wrong type for field f of spec, or spec itself, and remembers it.
func (p *Pool) decodeWrong(r *jsonview.Reader, f field, want string) error {
	p.paths.path = append(p.paths.path[:0], fieldPaths[f]...)
	text, err := p.textOf(r)
	if err != nil {
		return err
	}
	p.WrongTypes = append(p.WrongTypes, WrongField{Path: fieldPaths[f], Want: want, Text: text})
	return nil
}

// dropWrong forgets what was wrong with a field, because a later value takes its place.
func (p *Pool) dropWrong(fields ...field) {
	for _, f := range fields {
		for i := range p.WrongTypes {
			if p.WrongTypes[i].Path == fieldPaths[f] {
				last := len(p.WrongTypes) - 1
				p.WrongTypes[i], p.WrongTypes[last] = p.WrongTypes[last], WrongField{}
				p.WrongTypes = p.WrongTypes[:last]
				break
			}
		}
	}
}

// HasWrongType reports whether one of the fields at these paths has a value of a wrong type.
func (p *Pool) HasWrongType(paths ...string) bool {
	return slices.ContainsFunc(p.WrongTypes, func(w WrongField) bool { return slices.Contains(paths, w.Path) })
}

// textOf reads a value outside the schema and returns its JSON text. The current path is that of the value.
func (p *Pool) textOf(r *jsonview.Reader) (string, error) {
	r.Peek() // reads the white space before the value
	start := r.Offset()
	if err := p.walk(r); err != nil {
		return "", err
	}
	return r.TextSince(start), nil
}

// TypeOf returns the JSON type of a value by its text, as JSON Schema names it (draft 4, section 3.5 of JSON Schema Core).
func TypeOf(text string) string {
	if text == "" {
		return ""
	}
	switch text[0] {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	default:
		return "number"
	}
}
