package bodies_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"ippool-webhook/test/worst/bodies"
)

// size is far smaller than the measured sizes, to keep the tests quick.
const size = 64 << 10

func TestKindsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for _, kind := range bodies.Kinds() {
		if kind.Name == "" || seen[kind.Name] {
			t.Errorf("the name %q is empty or not unique", kind.Name)
		}
		seen[kind.Name] = true
	}
	if len(seen) < 25 {
		t.Errorf("%d kinds, want at least 25", len(seen))
	}
}

func TestBodiesAreJSONOfTheirSize(t *testing.T) {
	for _, kind := range bodies.Kinds() {
		for _, request := range kind.Requests() {
			t.Run(kind.Name+" "+request.String(), func(t *testing.T) {
				check(t, kind.Body(size, request), request.Operation)
			})
		}
	}
}

func TestHealthyBodiesAreJSONOfTheirSize(t *testing.T) {
	for _, operation := range []string{bodies.Create, bodies.Update} {
		check(t, bodies.Healthy(size, operation), operation)
	}
	if !json.Valid(bodies.Small()) {
		t.Error("the small review is not JSON")
	}
}

func TestBodiesAreDeterministic(t *testing.T) {
	for _, kind := range bodies.Kinds() {
		request := kind.Requests()[0]
		first, second := kind.Body(size, request), kind.Body(size, request)
		if !bytes.Equal(first, second) {
			t.Errorf("%s: two bodies differ", kind.Name)
		}
	}
}

// check checks a body, which must be an AdmissionReview with the objects of its operation.
func check(t *testing.T, body []byte, operation string) {
	t.Helper()
	if len(body) > size || len(body) < size/10*9 {
		t.Errorf("%d bytes, want %d to %d", len(body), size/10*9, size)
	}
	if !json.Valid(body) {
		t.Fatal("the body is not JSON")
	}
	var review struct {
		Request struct{ Object, OldObject json.RawMessage }
	}
	if err := json.Unmarshal(body, &review); err != nil {
		t.Fatal(err)
	}
	if string(review.Request.Object) == "null" {
		t.Error("the request has no object")
	}
	if operation == bodies.Update && string(review.Request.OldObject) == "null" {
		t.Error("the request has no oldObject")
	}
}
