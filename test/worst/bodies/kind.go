// Package bodies generates admission reviews that are expensive to answer, and healthy reviews of the same size for comparison.
// The same arguments always give the same bytes.
package bodies

import "slices"

// The operations of the reviews.
const (
	Create = "CREATE"
	Update = "UPDATE"
)

// Kind is one way to make a review expensive. The objects take most of the size, unless field, repeated or beside is set.
type Kind struct {
	// Name describes the review.
	Name string
	// Chunked sends the request without its length.
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

// Request is an operation, with the relation between the objects of a review.
type Request struct {
	Operation string
	// Change describes how an update changes the object.
	Change string

	from int // start of the generator of the object; the object before the update starts with 0
}

// String returns the operation and the change.
func (r Request) String() string {
	if r.Change == "" {
		return r.Operation
	}
	return r.Operation + " " + r.Change
}

// farFrom is larger than the number of allocations in a body of 7 MiB.
const farFrom = 1 << 20

// Requests returns the requests that the kind can have.
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

// smallObjects reports whether a part other than the objects takes most of the size.
func (k Kind) smallObjects() bool { return k.field != nil || k.repeated != nil || k.beside != nil }

// Kinds returns all kinds. Their names are unique.
func Kinds() []Kind {
	return slices.Concat(keyKinds(), repeatKinds(), fieldKinds(), nestingKinds(), textKinds(), ownerKinds(), typeKinds(), rangeKinds(),
		metadataKinds(), envelopeKinds(), updateKinds())
}
