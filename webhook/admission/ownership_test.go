package admission_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"

	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/policy"
)

// TestManagedFieldsFollow compares what the patch does to metadata.managedFields.
func TestManagedFieldsFollow(t *testing.T) {
	const (
		hostBits = `{"range":"10.0.0.5/24","allocations":{}}`
		key      = `{"range":"10.0.0.0/24","allocations":{"05":{"id":"a","podref":"ns/a"}}}`
		both     = `{"range":"10.0.0.0/24","allocations":{"05":{"id":"a","podref":"ns/a"},"5":{"id":"a","podref":"ns/a"}}}`
		three    = `{"range":"10.0.0.0/24","allocations":{"05":{"id":"a","podref":"ns/a"},"+5":{"id":"a","podref":"ns/a"},"5":{"id":"a","podref":"ns/a"}}}`

		ofRange  = `{"manager":"a","fieldsV1":{"f:metadata":{"f:labels":{}},"f:spec":{".":{},"f:range":{}}}}`
		ofOthers = `{"manager":"b","fieldsV1":{"f:spec":{"f:allocations":{"f:1":{".":{},"f:id":{}}}}}}`
		of05     = `{"manager":"c","fieldsV1":{"f:spec":{"f:allocations":{"f:05":{".":{},"f:id":{}},"f:6":{}},"f:range":{}}}}`
		of5      = `{"manager":"d","fieldsV1":{"f:spec":{"f:allocations":{"f:5":{".":{}}}}}}`
		ofBoth   = `{"manager":"e","fieldsV1":{"f:spec":{"f:allocations":{"f:05":{".":{}},"f:5":{".":{}}}}}}`
		ofThree  = `{"manager":"f","fieldsV1":{"f:spec":{"f:allocations":{"f:05":{},"f:+5":{}}}}}`

		masked      = `{"op":"replace","path":"/spec/range","value":"10.0.0.0/24"}`
		moved       = `{"op":"move","from":"/spec/allocations/05","path":"/spec/allocations/5"}`
		removed     = `{"op":"remove","path":"/spec/allocations/05"}`
		removedPlus = `{"op":"remove","path":"/spec/allocations/+5"}`
	)
	for _, test := range []struct{ name, spec, managed, want string }{
		{"range", hostBits, ofRange, masked + `,{"op":"remove","path":"/metadata/managedFields/0/fieldsV1/f:spec/f:range"}`},
		{
			"range of the second and the third manager", hostBits, ofOthers + "," + of05 + "," + ofRange,
			masked + `,{"op":"remove","path":"/metadata/managedFields/1/fieldsV1/f:spec/f:range"},{"op":"remove","path":"/metadata/managedFields/2/fieldsV1/f:spec/f:range"}`,
		},
		{"range of nobody", hostBits, ofOthers, masked},
		{"range without managedFields", hostBits, "", masked},
		{
			"key", key, ofRange + "," + of05,
			moved + `,{"op":"move","from":"/metadata/managedFields/1/fieldsV1/f:spec/f:allocations/f:05","path":"/metadata/managedFields/1/fieldsV1/f:spec/f:allocations/f:5"}`,
		},
		{"key of nobody", key, ofRange, moved},
		{
			"key beside the canonical one, of two managers", both, of05 + "," + of5,
			removed + `,{"op":"move","from":"/metadata/managedFields/0/fieldsV1/f:spec/f:allocations/f:05","path":"/metadata/managedFields/0/fieldsV1/f:spec/f:allocations/f:5"}`,
		},
		{
			"key beside the canonical one, of one manager", both, ofBoth,
			removed + `,{"op":"remove","path":"/metadata/managedFields/0/fieldsV1/f:spec/f:allocations/f:05"}`,
		},
		{
			"two keys beside the canonical one", three, ofThree,
			removed + "," + removedPlus +
				`,{"op":"move","from":"/metadata/managedFields/0/fieldsV1/f:spec/f:allocations/f:05","path":"/metadata/managedFields/0/fieldsV1/f:spec/f:allocations/f:5"}` +
				`,{"op":"remove","path":"/metadata/managedFields/0/fieldsV1/f:spec/f:allocations/f:+5"}`,
		},
		{"allocations are added", `{"range":"10.0.0.0/24"}`, of05, `{"op":"add","path":"/spec/allocations","value":{}}`},
		{"fields of other types", hostBits, `null,1,{"fieldsV1":[]},{"fieldsV1":{"f:spec":1}},{"fieldsV1":{"f:spec":{"f:allocations":"f:05"}}}`, masked},
		{"more managers than a patch has room for", hostBits, strings.Repeat(ofRange+",", 1000) + ofRange, masked},
		{"a patch that is too large", `{"range":"10.0.0.0/24","allocations":{"` + strings.Repeat("0", 1000) + `5":{}}}`,
			strings.TrimSuffix(strings.Repeat(`{"fieldsV1":{"f:spec":{"f:allocations":{"f:`+strings.Repeat("0", 1000)+`5":{}}}}},`, 300), ","),
			`{"op":"move","from":"/spec/allocations/` + strings.Repeat("0", 1000) + `5","path":"/spec/allocations/5"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			object := strings.Replace(poolWith(test.spec), `{"name"`, `{"managedFields": [`+test.managed+`],"name"`, 1)
			w := evaluateStrictly(t, newEvaluator(t, policy.Default()), admission.Normalize, admissionv1.Create, object, "")
			if got := string(w.Response.Patch); got != "["+test.want+"]" {
				t.Errorf("patch %s\nwant  [%s]", got, test.want)
			}
		})
	}
}

// endsLater is a context that has ended when it is looked at for the second time.
type endsLater struct {
	context.Context
	looks int
}

func (c *endsLater) Err() error {
	if c.looks++; c.looks > 1 {
		return context.Canceled
	}
	return nil
}

// TestNormalizationStops ends the context while managedFields are read.
func TestNormalizationStops(t *testing.T) {
	managed := strings.TrimSuffix(strings.Repeat(`{"manager":"a","fieldsV1":{"f:spec":{"f:allocations":{}}}},`, 100_000), ",")
	object := strings.Replace(poolWith(`{"range":"10.0.0.5/24"}`), `{"name"`, `{"managedFields": [`+managed+`],"name"`, 1)
	q := newRequest(t, admissionv1.Create, "", object, "")
	ctx := &endsLater{Context: t.Context()}
	if _, err := newEvaluator(t, policy.Default()).Evaluate(ctx, q, admission.Normalize, &admission.Scratch{}); !errors.Is(err, context.Canceled) || ctx.looks != 2 {
		t.Errorf("error %v after %d looks, want %v after 2", err, ctx.looks, context.Canceled)
	}
}
