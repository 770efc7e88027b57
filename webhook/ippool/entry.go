package ippool

import (
	"ippool-webhook/webhook/arena"
	"ippool-webhook/webhook/jsonview"
)

// addAllocation makes room for the allocation of this key and returns its number: that of an earlier one with the same
// key, whose value it takes.
func (p *Pool) addAllocation(key string) int {
	if entry := p.keys.add(p.Allocations, key); entry < len(p.Allocations) {
		p.Allocations[entry] = Allocation{Key: key, Offset: p.Allocations[entry].Offset}
		p.visits.enterEntryAgain(int32(entry))
		p.addDuplicate(p.entryPath(int32(entry)))
		return entry
	}
	offset := ParseOffset(key)
	if !offset.Canonical {
		p.Respellable++
	}
	p.Allocations = append(p.Allocations, Allocation{Key: key, Offset: offset})
	p.texts = append(p.texts, "")
	return len(p.Allocations) - 1
}

// scanEntry reads an allocation in the shape that every writer produces, an object of plain strings without white space
// and each known field at most once, and returns its length. It returns 0, and decodeEntry is to read it, where text starts
// with something else, which may not even be JSON.
func scanEntry(text []byte, a *Allocation) int {
	if len(text) < 2 || text[0] != '{' {
		return 0
	}
	if text[1] == '}' {
		return 2
	}
	var hasID, hasPodRef, hasIfName bool
	rest := text
	for rest[0] != '}' {
		name, afterName, ok := jsonview.CutPlain(rest[1:])
		if !ok || len(afterName) == 0 || afterName[0] != ':' {
			return 0
		}
		value, afterValue, ok := jsonview.CutPlain(afterName[1:])
		if !ok || len(afterValue) == 0 || afterValue[0] != ',' && afterValue[0] != '}' {
			return 0
		}
		rest = afterValue
		switch {
		case string(name) == "id" && !hasID:
			hasID, a.ID = true, arena.View(value)
		case string(name) == "podref" && !hasPodRef:
			hasPodRef, a.PodRef = true, arena.View(value)
		case string(name) == "ifname" && !hasIfName:
			hasIfName, a.IfName = true, arena.View(value)
		default:
			return 0
		}
	}
	return len(text) - len(rest) + 1
}

// decodeEntry reads an allocation of any shape.
func (p *Pool) decodeEntry(r *jsonview.Reader, entry int32) error {
	a := &p.Allocations[entry]
	*a = Allocation{Key: a.Key, Offset: a.Offset}
	p.texts[entry] = ""
	switch kind := r.Peek(); kind {
	case 'n':
		_, err := r.Raw()
		return err
	case '{':
		return p.decodeEntryFields(r, entry)
	default:
		p.addMistyped(entry, fieldEntry, kind)
		return p.walk(r, p.entryPath(entry))
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
		p.addDuplicate(append(p.parentPath(entry), fieldPaths[f]...))
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
		return "", p.walk(r, append(p.parentPath(entry), fieldPaths[f]...))
	}
}
