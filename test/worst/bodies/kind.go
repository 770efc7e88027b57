// Package bodies generates admission reviews that are meant to be expensive to answer, and healthy ones of the same size to
// compare them with. The same arguments always give the same bytes.
package bodies

import "slices"

// The operations of the reviews.
const (
	Create = "CREATE"
	Update = "UPDATE"
)

// Kind is one way to make a review expensive. At most one of its parts takes most of the size: the objects, unless one of
// field and beside is set.
type Kind struct {
	// Name says what is special about the review.
	Name string
	// Chunked says that the request does not announce its length.
	Chunked bool

	// object generates the object. For an update it also generates the object before the update, unless before is set.
	object generator
	before generator
	// oldFirst puts oldObject before object.
	oldFirst bool
	// strict sets fieldValidation to Strict.
	strict bool

	// field generates the value of a field of request. The objects are then small.
	field     generator
	fieldName string
	// repeated generates more fields of request, which come last.
	repeated generator
	// beside generates fields of the AdmissionReview that come before request. The objects are then small.
	beside generator
}

// Request says what the objects of a review have to do with each other.
type Request struct {
	Operation string
	// Change says how the object of an update differs from the object before.
	Change string

	from int // what the generator of the object begins with; that of the object before the update begins with 0
}

// String returns the operation and the change.
func (r Request) String() string {
	if r.Change == "" {
		return r.Operation
	}
	return r.Operation + " " + r.Change
}

// farFrom is more than a body of 7 MiB has allocations.
const farFrom = 1 << 20

// Requests returns the requests that the kind makes sense for.
func (k Kind) Requests() []Request {
	switch {
	case k.before != nil:
		return []Request{{Operation: Update}}
	case !k.varies():
		return []Request{{Operation: Create}, {Operation: Update}}
	default:
		return []Request{
			{Operation: Create},
			{Operation: Update, Change: "same"},
			{Operation: Update, Change: "shifted", from: 1},
			{Operation: Update, Change: "apart", from: farFrom},
		}
	}
}

// varies reports whether the generator of the object can make two objects that differ.
func (k Kind) varies() bool {
	const enough = 4 << 10
	return !k.smallObjects() && k.object(enough, 0) != k.object(enough, 1)
}

// smallObjects reports whether something else than the objects takes most of the size.
func (k Kind) smallObjects() bool { return k.field != nil || k.repeated != nil || k.beside != nil }

// Kinds returns all kinds, each under a name of its own.
func Kinds() []Kind {
	return slices.Concat(keyKinds(), repeatKinds(), fieldKinds(), nestingKinds(), textKinds(), ownerKinds(), typeKinds(), rangeKinds(),
		metadataKinds(), envelopeKinds(), updateKinds())
}
