package bodies

import "strings"

const (
	reviewHead = `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",`
	// smallObject is the size of each object if another part of the review is large.
	smallObject = 1 << 10
)

// envelope is an AdmissionReview in parts. All values are JSON texts.
type envelope struct {
	beside   string // fields before request, each with its comma
	fields   []envelopeField
	repeated string // more fields of request, each after its comma
}

type envelopeField struct{ name, value string }

// newEnvelope returns the review that a kube-apiserver sends for a request of the user jane, without the objects.
func newEnvelope(operation string, strict, oldFirst bool) *envelope {
	fieldValidation := ""
	if strict {
		fieldValidation = `,"fieldValidation":"Strict"`
	}
	const (
		kind     = `{"group":"whereabouts.cni.cncf.io","version":"v1alpha1","kind":"IPPool"}`
		resource = `{"group":"whereabouts.cni.cncf.io","version":"v1alpha1","resource":"ippools"}`
	)
	objects := []string{"object", "oldObject"}
	if oldFirst {
		objects = []string{"oldObject", "object"}
	}
	return &envelope{fields: []envelopeField{
		{"uid", `"705ab4f5-6393-11e8-b7cc-42010a800002"`},
		{"kind", kind}, {"resource", resource}, {"requestKind", kind}, {"requestResource", resource},
		{"name", `"10.0.0.0-8"`}, {"namespace", `"kube-system"`}, {"operation", `"` + operation + `"`},
		{"userInfo", `{"username":"jane","groups":["system:authenticated"]}`},
		{objects[0], "null"}, {objects[1], "null"},
		{"dryRun", "false"}, {"options", `{"apiVersion":"meta.k8s.io/v1"` + fieldValidation + `}`},
	}}
}

// set replaces the value of a field of request.
func (e *envelope) set(name, value string) {
	for i := range e.fields {
		if e.fields[i].name == name {
			e.fields[i].value = value
			return
		}
	}
	panic("the request has no field " + name)
}

func (e *envelope) text() []byte {
	var b strings.Builder
	b.WriteString(reviewHead + e.beside + `"request":{`)
	for i, f := range e.fields {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString(`"` + f.name + `":` + f.value)
	}
	b.WriteString(e.repeated + "}}")
	return []byte(b.String())
}

// Body returns the review of a request. It has about size bytes, and never more.
func (k Kind) Body(size int, r Request) []byte {
	e := newEnvelope(r.Operation, k.strict, k.oldFirst)
	if !k.smallObjects() {
		k.addObjects(e, size-len(e.text()), r)
		return e.text()
	}
	small := smallObject
	if r.Operation == Update {
		small *= 2
	}
	k.addObjects(e, small, r)
	rest := size - len(e.text())
	switch {
	case k.beside != nil:
		e.beside = k.beside(rest-1, 0) + ","
	case k.repeated != nil:
		e.repeated = "," + k.repeated(rest-1, 0)
	default:
		e.set(k.fieldName, k.field(rest, 0))
	}
	return e.text()
}

// addObjects adds the object and, for an update, the object before it. If one of them is smaller than its half of the size, the
// other gets the rest.
func (k Kind) addObjects(e *envelope, size int, r Request) {
	object, before := k.object, k.before
	if object == nil {
		object = healthyPool
	}
	if before == nil {
		before = object
	}
	const null = len("null")
	if r.Operation == Create {
		e.set("object", object(size+null, r.from))
		return
	}
	half := size/2 + null
	old := before(half, 0)
	text := object(size+2*null-len(old), r.from)
	if len(text) < half/2 {
		old = before(size+2*null-len(text), 0)
	}
	e.set("object", text)
	e.set("oldObject", old)
}
