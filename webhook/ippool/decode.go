package ippool

import (
	"ippool-webhook/webhook/arena"
	"ippool-webhook/webhook/jsonview"
)

// Parse decodes the JSON text of one object. The error is about its syntax or, as from Err, about the types of its
// fields; p is then of no use.
func (p *Pool) Parse(src []byte) error {
	var r jsonview.Reader
	r.Reset(src, &arena.Text{})
	if err := p.Decode(&r, nil); err != nil {
		return err
	}
	if err := r.Close(); err != nil {
		return err
	}
	return p.Err()
}

// Decode reads the next value of r into p, as the API server reads a custom resource: where a name comes twice the last
// value counts, and null is as good as absent. It returns errors of syntax; those of type are kept for Err. It is faster
// where most allocations are spelled as in like, which may be nil, as they are in the object before an update.
func (p *Pool) Decode(r *jsonview.Reader, like *Pool) error {
	p.Reset()
	p.like = like
	p.Present = r.Peek() != 'n'
	start := r.Offset()
	if err := p.decodeRoot(r); err != nil {
		return err
	}
	if p.Present {
		p.Size = r.Offset() - start
	}
	p.dropOverwrittenFields()
	if p.RangeText != "" {
		p.Range, p.RangeError = ParseRange(p.RangeText)
		p.Counted = p.Range
		if p.RangeError != nil {
			p.Counted, _ = EvidentRange(p.RangeText)
		}
	}
	return nil
}

func (p *Pool) decodeRoot(r *jsonview.Reader) error {
	var seen seenFields
	return p.decodeObject(r, fieldRoot, func(name string) (err error) {
		switch name {
		case "apiVersion":
			seen.note(p, fieldAPIVersion)
			p.APIVersion, err = p.decodeText(r, fieldAPIVersion)
		case "kind":
			seen.note(p, fieldKind)
			p.Kind, err = p.decodeText(r, fieldKind)
		case "metadata":
			seen.note(p, fieldMetadata)
			err = p.decodeMetadata(r)
		case "spec":
			seen.note(p, fieldSpec)
			err = p.decodeSpec(r)
		default:
			err = p.decodeUnknown(r, InRoot, name)
		}
		return err
	})
}

// decodeMetadata reads what the rules need and leaves the rest alone: the API server owns metadata, and its
// managedFields can be as large as the spec.
func (p *Pool) decodeMetadata(r *jsonview.Reader) error {
	p.Name, p.Deleting, p.AllowDelete = "", false, false
	p.mistyped.fields[fieldName], p.mistyped.fields[fieldAnnotations] = 0, 0
	return p.decodeObject(r, fieldMetadata, func(name string) (err error) {
		switch name {
		case "name":
			p.Name, err = p.decodeText(r, fieldName)
		case "deletionTimestamp":
			p.Deleting = r.Peek() != 'n'
			_, err = r.Raw()
		case "annotations":
			err = p.decodeAnnotations(r)
		default:
			_, err = r.Raw()
		}
		return err
	})
}

func (p *Pool) decodeAnnotations(r *jsonview.Reader) error {
	p.AllowDelete = false
	return p.decodeObject(r, fieldAnnotations, func(name string) error {
		if name != AllowDeleteAnnotation || r.Peek() != '"' {
			_, err := r.Raw()
			return err
		}
		value, err := r.Text()
		p.AllowDelete = value == "true"
		return err
	})
}

func (p *Pool) decodeSpec(r *jsonview.Reader) error {
	p.visits.enterSpec()
	p.HasSpec, p.RangeText = r.Peek() != 'n', ""
	p.mistyped.fields[fieldRange] = 0
	p.clearAllocations()
	var seen seenFields
	return p.decodeObject(r, fieldSpec, func(name string) (err error) {
		switch name {
		case "range":
			seen.note(p, fieldRange)
			p.RangeText, err = p.decodeText(r, fieldRange)
		case "allocations":
			seen.note(p, fieldAllocations)
			err = p.decodeAllocations(r)
		default:
			err = p.decodeUnknown(r, InSpec, name)
		}
		return err
	})
}

// decodeAllocations reads the one part of an IPPool that can be large; it must not allocate for an entry.
func (p *Pool) decodeAllocations(r *jsonview.Reader) error {
	p.clearAllocations()
	p.HasAllocations = r.Peek() != 'n'
	isObject, err := p.enter(r, fieldAllocations)
	if err != nil || !isObject {
		return err
	}
	var same twin
	for {
		more, err := r.More('}')
		if err != nil || !more {
			return err
		}
		if i := same.next(p.like, r.Rest()); i >= 0 {
			p.copyAllocation(p.like, i)
			r.Skip(len(p.like.texts[i]))
			continue
		}
		if err := p.decodeAllocation(r); err != nil {
			return err
		}
	}
}

// decodeAllocation reads one field of spec.allocations.
func (p *Pool) decodeAllocation(r *jsonview.Reader) error {
	start := r.Rest()
	key, err := r.Key()
	if err != nil {
		return err
	}
	entry := p.addAllocation(key)
	if n := scanEntry(r.Rest(), &p.Allocations[entry]); n > 0 {
		r.Skip(n)
		p.texts[entry] = arena.View(start[:len(start)-len(r.Rest())])
		return nil
	}
	return p.decodeEntry(r, int32(entry))
}

// clearAllocations forgets the allocations that were read, because a later value takes their place.
func (p *Pool) clearAllocations() {
	p.visits.enterAllocations()
	p.HasAllocations = false
	p.mistyped.fields[fieldAllocations] = 0
	clear(p.Allocations) // as in Reset
	clear(p.texts)
	p.Allocations, p.texts, p.Respellable = p.Allocations[:0], p.texts[:0], 0
	p.keys.reset()
}

// decodeObject reads the object that field f must be, calling decode for each of its fields to read the value.
func (p *Pool) decodeObject(r *jsonview.Reader, f field, decode func(name string) error) error {
	isObject, err := p.enter(r, f)
	if err != nil || !isObject {
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

// enter opens the object that field f must be. It reports false, with the value read, where that is something else.
func (p *Pool) enter(r *jsonview.Reader, f field) (isObject bool, err error) {
	p.mistyped.fields[f] = 0
	switch kind := r.Peek(); kind {
	case '{':
		return true, r.Enter()
	case 'n':
		_, err := r.Raw()
		return false, err
	default:
		p.mistyped.fields[f] = kind
		return false, p.walk(r, []byte(fieldPaths[f]))
	}
}

// decodeText reads the string that field f must be; null reads as empty.
func (p *Pool) decodeText(r *jsonview.Reader, f field) (string, error) {
	p.mistyped.fields[f] = 0
	switch kind := r.Peek(); kind {
	case '"':
		return r.Text()
	case 'n':
		_, err := r.Raw()
		return "", err
	default:
		p.mistyped.fields[f] = kind
		return "", p.walk(r, []byte(fieldPaths[f]))
	}
}

// decodeUnknown reads the value of a field outside the schema.
func (p *Pool) decodeUnknown(r *jsonview.Reader, parent int32, name string) error {
	again := p.addUnknown(parent, name)
	if kind := r.Peek(); !again && kind != '{' && kind != '[' {
		_, err := r.Raw()
		return err
	}
	path := extendPath(p.parentPath(parent), "", name)
	if again {
		p.addDuplicate(path)
	}
	return p.walk(r, path)
}
