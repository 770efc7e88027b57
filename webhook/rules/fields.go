package rules

import "ippool-webhook/webhook/ippool"

// oldField identifies a field of the old pool that a rule about fields finds.
type oldField struct {
	field Field
	// parent is the object that has an unknown field: ippool.InRoot, ippool.InSpec, or the allocation that represents its
	// offset.
	parent int
	// name is the name of an unknown field, or the path of another one, and value the JSON text of a value of a wrong type.
	name, value string
}

// AddField adds a finding about an unknown field, a duplicate field or a field of a wrong type, by its number in the list of
// the pool. On an update it is an existing finding if the old pool had the field at the same path and, for a wrong type, with
// the same value.
func (r *Report) AddField(field Field, kind Kind, i int) {
	f := Finding{Field: field, Kind: kind, Item: int32(i), Conflict: -1, Old: -1}
	r.add(f, r.change != nil && r.fieldExisted(f))
}

func (r *Report) fieldExisted(f Finding) bool {
	old := r.change.Old
	if f.Field == FieldUnknown && old.MoreUnknown > 0 {
		return true // the field can be one that is not listed
	}
	if r.old == nil {
		r.rememberOld(old)
	}
	field := oldFieldOf(r.pool.Pool, f)
	if field.parent >= 0 { // which is an allocation of the new pool
		field.parent = r.change.Before(field.parent)
		if field.parent < 0 {
			return false
		}
		field.parent = offsetOf(old, field.parent)
	}
	_, ok := r.old[field]
	return ok
}

func (r *Report) rememberOld(old *ippool.IndexedPool) {
	r.old = map[oldField]struct{}{}
	remember := func(field Field, n int) {
		for i := range n {
			f := oldFieldOf(old.Pool, Finding{Field: field, Item: int32(i)})
			if f.parent >= 0 {
				f.parent = offsetOf(old, f.parent)
			}
			r.old[f] = struct{}{}
		}
	}
	remember(FieldUnknown, len(old.Unknown))
	remember(FieldDuplicate, len(old.Duplicates))
	remember(FieldWrongType, len(old.WrongTypes))
}

// offsetOf returns the number of the allocation that stands for the offset of allocation i. Their keys may differ.
func offsetOf(p *ippool.IndexedPool, i int) int {
	if p.NonCanonical == 0 {
		return i
	}
	return p.By(ippool.SameOffset).Group(i)
}

func oldFieldOf(p *ippool.Pool, f Finding) oldField {
	switch f.Field {
	case FieldWrongType:
		wrong := p.WrongTypes[f.Item]
		return oldField{f.Field, ippool.InSpec, wrong.Path, wrong.Text}
	case FieldUnknown:
		unknown := p.Unknown[f.Item]
		return oldField{f.Field, int(unknown.Parent), unknown.Name, ""}
	default:
		return oldField{f.Field, ippool.InRoot, f.Value(p), ""}
	}
}

// AddUnlisted counts n further unknown fields, which the pool does not list. They are existing ones where the old pool has
// such fields too.
func (r *Report) AddUnlisted(n int) {
	if r.change != nil && r.change.Old.MoreUnknown > 0 {
		r.Existing(r.rule).Count += n
		return
	}
	r.New(r.rule).Count += n
}
