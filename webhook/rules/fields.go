package rules

import (
	"cmp"

	"ippool-webhook/webhook/ippool"
)

// oldField tells a field that a rule about fields finds in the old pool.
type oldField struct {
	field Field
	// path is the field's path, or for a field of an allocation the offset of that.
	path string
	// value is the JSON text of a value of a wrong type, or the name of a field of an allocation.
	value string
}

// AddField reports that something is wrong with an unknown field, a duplicate field or a field of a wrong type, by its number
// in the pool's list of these. On an update it is an existing finding where the old pool had it at the same path, and with
// the same value where it has a wrong type.
func (r *Report) AddField(field Field, kind Kind, i int) {
	f := Finding{Field: field, Kind: kind, Entry: int32(i), Other: -1}
	r.add(f, r.change != nil && r.fieldExisted(f))
}

func (r *Report) fieldExisted(f Finding) bool {
	old := r.change.Old
	if f.Field == FieldUnknown && old.MoreUnknown {
		return true // what is not listed may be the field
	}
	if r.old == nil {
		r.rememberOld(old)
	}
	_, ok := r.old[oldFieldOf(r.pool, f)]
	return ok
}

func (r *Report) rememberOld(old *ippool.Pool) {
	r.old = map[oldField]struct{}{}
	remember := func(field Field, n int) {
		for i := range n {
			r.old[oldFieldOf(old, Finding{Field: field, Entry: int32(i)})] = struct{}{}
		}
	}
	remember(FieldUnknown, len(old.Unknown))
	remember(FieldDuplicate, len(old.Duplicates))
	remember(FieldWrongType, len(old.WrongTypes))
}

func oldFieldOf(p *ippool.Pool, f Finding) oldField {
	switch f.Field {
	case FieldWrongType:
		wrong := p.WrongTypes[f.Entry]
		return oldField{f.Field, wrong.Path, wrong.Text}
	case FieldUnknown:
		unknown := p.Unknown[f.Entry]
		if unknown.Parent < 0 {
			return oldField{f.Field, p.Path(unknown), ""}
		}
		// The key of the allocation may be spelled otherwise.
		a := &p.Allocations[unknown.Parent]
		return oldField{f.Field, cmp.Or(a.Digits(), a.Key), unknown.Name}
	default:
		return oldField{f.Field, f.Value(p), ""}
	}
}
