package ippool

import (
	"bytes"

	"ippool-webhook/webhook/arena"
	"ippool-webhook/webhook/jsonview"
)

// scanAllocations reads spec.allocations from its text, a valid JSON object: that lets it look at little more than
// quotes, and makes it several times faster than reading tokens. It must not allocate for an entry. What it does not
// expect in an entry it leaves to decodeEntry.
func (p *Pool) scanAllocations(raw []byte) error {
	rest := skipSpace(raw[1:])
	for rest[0] != '}' {
		key, afterKey, err := p.scanKey(rest)
		if err != nil {
			return err
		}
		entry := p.addAllocation(key)
		value := skipSpace(skipSpace(afterKey)[len(":"):])
		afterValue, ok := scanEntry(value, &p.Allocations[entry])
		if !ok {
			if afterValue, err = p.readEntry(value, entry); err != nil {
				return err
			}
		}
		rest = skipSpace(afterValue)
		if rest[0] == ',' {
			rest = skipSpace(rest[1:])
		}
	}
	return nil
}

// scanKey reads the name that text starts with.
func (p *Pool) scanKey(text []byte) (key string, rest []byte, err error) {
	if inside, rest, ok := cutString(text); ok {
		return arena.View(inside), rest, nil
	}
	p.entryReader.Reset(text, &p.text)
	key, err = p.entryReader.Text()
	return key, text[p.entryReader.Offset():], err
}

// scanEntry reads an allocation in the shape that every writer produces: an object of plain strings without white space,
// each known field at most once. Where text starts with something else, it reports false and a is to be read again.
func scanEntry(text []byte, a *Allocation) (rest []byte, ok bool) {
	if text[0] != '{' {
		return nil, false
	}
	if text[1] == '}' {
		return text[2:], true
	}
	var hasID, hasPodRef, hasIfName bool
	for rest = text; rest[0] != '}'; {
		name, afterName, ok := cutString(rest[1:])
		if !ok || afterName[0] != ':' {
			return nil, false
		}
		value, afterValue, ok := cutString(afterName[1:])
		if !ok || afterValue[0] != ',' && afterValue[0] != '}' {
			return nil, false
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
			return nil, false
		}
	}
	return rest[1:], true
}

// readEntry reads an allocation of another shape.
func (p *Pool) readEntry(text []byte, entry int) (rest []byte, err error) {
	p.entryReader.Reset(text, &p.text)
	raw, err := p.entryReader.Raw()
	if err != nil {
		return nil, err
	}
	return text[p.entryReader.Offset():], p.decodeEntry(raw, int32(entry))
}

// addAllocation makes room for the allocation of this key and returns its number: that of an earlier one with the same
// key, whose value it takes.
func (p *Pool) addAllocation(key string) int {
	if entry := p.keys.add(p.Allocations, key); entry < len(p.Allocations) {
		p.Allocations[entry] = Allocation{Key: key, Offset: p.Allocations[entry].Offset}
		p.visits.enterEntryAgain(int32(entry))
		p.addDuplicate(append([]byte("spec.allocations."), key...))
		return entry
	}
	offset := ParseOffset(key)
	if !offset.Canonical {
		p.Respellable++
	}
	p.Allocations = append(p.Allocations, Allocation{Key: key, Offset: offset})
	return len(p.Allocations) - 1
}

// cutString returns the inside of the string that text starts with, and what follows it, unless it has to be unquoted.
func cutString(text []byte) (inside, rest []byte, ok bool) {
	if text[0] != '"' {
		return nil, nil, false
	}
	end := bytes.IndexByte(text[1:], '"') + 1
	inside = text[1:end]
	return inside, text[end+1:], jsonview.Plain(inside)
}

// skipSpace returns text from its first byte that is not white space.
func skipSpace(text []byte) []byte {
	for text[0] <= ' ' {
		text = text[1:]
	}
	return text
}
