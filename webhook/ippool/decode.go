package ippool

import (
	"context"

	"ippool-webhook/webhook/arena"
	"ippool-webhook/webhook/jsonview"
)

// Parse decodes the JSON text of one object. The error is about its syntax; p is then of no use.
func (p *Pool) Parse(src []byte, schema *Schema) error {
	var r jsonview.Reader
	r.Reset(context.Background(), src, &arena.Text{})
	if err := p.Decode(&r, schema, nil); err != nil {
		return err
	}
	return r.Close()
}

// Decode reads the next value of r into p, as the API server reads a custom resource: where a name comes twice the last
// value counts, and null is the same as absent. Values of a wrong type are kept apart. The errors are about the syntax of
// the JSON text, or that of the context of r. It is faster where most allocations are spelled as in like, which may be nil,
// as they are in the object before an update.
func (p *Pool) Decode(r *jsonview.Reader, schema *Schema, like *Pool) error {
	p.Reset()
	p.schema, p.like, p.src = schema, like, r.Source()
	p.Present = r.Peek() != 'n'
	start := r.Offset()
	if err := p.decodeRoot(r); err != nil {
		return err
	}
	if p.Present {
		p.Size = r.Offset() - start
	}
	if p.Overfull {
		p.dropAllocations()
	}
	p.dropOverwrittenFields()
	p.parseRange()
	return nil
}

func (p *Pool) parseRange() {
	if p.RangeText == "" {
		return
	}
	p.Range, p.RangeError = ParseRange(p.RangeText)
	p.Counted = p.Range
	if p.RangeError != nil {
		p.Counted, _ = EvidentRange(p.RangeText)
	}
}

func (p *Pool) decodeRoot(r *jsonview.Reader) error {
	if kind := r.Peek(); kind != '{' {
		if kind != 'n' {
			p.WrongRoot = jsonview.KindName(kind)
		}
		return r.SkipValue()
	}
	var seen seenFields
	return decodeFields(r, func(name string) (err error) {
		f, ok := fieldOfRoot(name)
		if !ok {
			return p.decodeOther(r, InRoot, name)
		}
		p.note(&seen, f)
		switch f {
		case fieldAPIVersion:
			p.APIVersion, err = decodeLeniently(r)
		case fieldKind:
			p.Kind, err = decodeLeniently(r)
		case fieldMetadata:
			err = p.decodeMetadata(r)
		default:
			err = p.decodeSpec(r)
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
func (p *Pool) decodeMetadata(r *jsonview.Reader) error {
	p.Name, p.Deleting, p.AllowDelete, p.ManagedFields = "", false, false, nil
	if r.Peek() != '{' {
		return r.SkipValue()
	}
	return decodeFields(r, func(name string) (err error) {
		switch name {
		case "name":
			p.Name, err = decodeLeniently(r)
		case "deletionTimestamp":
			p.Deleting = r.Peek() != 'n'
			err = r.SkipValue()
		case "annotations":
			err = p.decodeAnnotations(r)
		case "managedFields":
			r.Peek() // reads the white space before the value
			start := r.Offset()
			err = r.SkipValue()
			p.ManagedFields = r.Source()[start:r.Offset()]
		default:
			err = r.SkipValue()
		}
		return err
	})
}

func (p *Pool) decodeAnnotations(r *jsonview.Reader) error {
	p.AllowDelete = false
	if r.Peek() != '{' {
		return r.SkipValue()
	}
	return decodeFields(r, func(name string) error {
		if name != AllowDeleteAnnotation {
			return r.SkipValue()
		}
		value, err := decodeLeniently(r)
		p.AllowDelete = value == "true"
		return err
	})
}

func (p *Pool) decodeSpec(r *jsonview.Reader) error {
	p.specVisit = p.nextVisit()
	p.HasSpec, p.RangeText, p.EnableL3 = false, "", false
	p.dropWrong(fieldSpec, fieldRange, fieldEnableL3, fieldAllocations)
	p.clearAllocations()
	switch r.Peek() {
	case 'n':
		return r.SkipValue()
	case '{':
		p.HasSpec = true
	default:
		return p.decodeWrong(r, fieldSpec, "an object")
	}
	var seen seenFields
	return decodeFields(r, func(name string) (err error) {
		f, ok := fieldOfSpec(name)
		if !ok {
			return p.decodeOther(r, InSpec, name)
		}
		p.note(&seen, f)
		switch f {
		case fieldRange:
			p.RangeText, err = p.decodeRange(r)
		case fieldEnableL3:
			p.EnableL3, err = p.decodeEnableL3(r)
		default:
			err = p.decodeAllocations(r)
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

func (p *Pool) decodeRange(r *jsonview.Reader) (string, error) {
	p.dropWrong(fieldRange)
	switch r.Peek() {
	case '"':
		return r.Text()
	case 'n':
		return "", r.SkipValue()
	default:
		return "", p.decodeWrong(r, fieldRange, "a string")
	}
}

func (p *Pool) decodeEnableL3(r *jsonview.Reader) (bool, error) {
	p.dropWrong(fieldEnableL3)
	switch kind := r.Peek(); kind {
	case 't', 'f', 'n':
		return kind == 't', r.SkipValue()
	default:
		return false, p.decodeWrong(r, fieldEnableL3, "a boolean")
	}
}

// decodeFields reads the object that comes next, calling decode for each of its fields to read the value.
func decodeFields(r *jsonview.Reader, decode func(name string) error) error {
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
func decodeLeniently(r *jsonview.Reader) (string, error) {
	if r.Peek() != '"' {
		return "", r.SkipValue()
	}
	return r.Text()
}
