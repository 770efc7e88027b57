package ippool

import (
	"ippool-webhook/webhook/jsonview"
)

// decodeEntry reads the text of an allocation that scanEntry leaves to it.
func (p *Pool) decodeEntry(raw []byte, entry int32) error {
	p.Allocations[entry] = Allocation{Key: p.Allocations[entry].Key, Offset: p.Allocations[entry].Offset}
	r := &p.entryReader
	r.Reset(raw, &p.text)
	switch r.Peek() {
	case 'n':
		return nil
	case '{':
		return p.decodeEntryFields(r, entry)
	default:
		p.addMistyped(entry, fieldEntry, r.Peek())
		return p.walk(r, append([]byte("spec.allocations."), p.Allocations[entry].Key...))
	}
}

func (p *Pool) decodeEntryFields(r *jsonview.Reader, entry int32) error {
	if err := r.Enter(); err != nil {
		return err
	}
	var seen seenFields
	for {
		name, more, err := r.Name()
		if err != nil || !more {
			return err
		}
		a := &p.Allocations[entry]
		switch name {
		case "id":
			a.ID, err = p.decodeEntryText(r, &seen, entry, fieldID)
		case "podref":
			a.PodRef, err = p.decodeEntryText(r, &seen, entry, fieldPodRef)
		case "ifname":
			a.IfName, err = p.decodeEntryText(r, &seen, entry, fieldIfName)
		default:
			err = p.decodeUnknown(r, entry, name)
		}
		if err != nil {
			return err
		}
	}
}

// decodeEntryText is decodeText for a field of an allocation.
func (p *Pool) decodeEntryText(r *jsonview.Reader, seen *seenFields, entry int32, f field) (string, error) {
	if seen.again(f) {
		p.addDuplicate(append(p.appendParent(nil, entry), fieldPaths[f]...))
		p.dropMistyped(entry, f)
	}
	switch kind := r.Peek(); kind {
	case '"':
		return r.Text()
	case 'n':
		_, err := r.Raw()
		return "", err
	default:
		p.addMistyped(entry, f, kind)
		return "", p.walk(r, append(p.appendParent(nil, entry), fieldPaths[f]...))
	}
}
