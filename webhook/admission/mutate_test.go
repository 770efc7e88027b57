package admission_test

import (
	"testing"

	admissionv1 "k8s.io/api/admission/v1"

	"ippool-webhook/webhook/admissiontest"
	"ippool-webhook/webhook/policy"
)

func TestMutate(t *testing.T) {
	const entry = `{"id":"a","podref":"ns/a"}`
	for _, test := range []struct {
		name      string
		operation admissionv1.Operation
		user      string
		spec, old string // an object's spec; old is null where it is empty
		want      string
	}{
		{"nothing to mend", admissionv1.Create, "", `{"range":"10.0.0.0/24","allocations":{"5":` + entry + `}}`, "", ""},
		{"range respelled", admissionv1.Create, "", `{"range":"2001:DB8:0::/32","allocations":{}}`, "", `[{"op":"replace","path":"/spec/range","value":"2001:db8::/32"}]`},
		{"range trimmed", admissionv1.Create, "", `{"range":" 10.0.0.0/24\n","allocations":{}}`, "", `[{"op":"replace","path":"/spec/range","value":"10.0.0.0/24"}]`},
		{"host bits of an empty pool", admissionv1.Create, "", `{"range":"10.0.0.5/24","allocations":{}}`, "", `[{"op":"replace","path":"/spec/range","value":"10.0.0.0/24"}]`},
		{"host bits of a filled pool", admissionv1.Create, "", `{"range":"10.0.0.5/24","allocations":{"5":` + entry + `}}`, "", ""},
		{"host bits of a filled pool, respelled", admissionv1.Create, "", `{"range":"2001:DB8::5/32","allocations":{"5":` + entry + `}}`, "", `[{"op":"replace","path":"/spec/range","value":"2001:db8::5/32"}]`},
		{"malformed range", admissionv1.Create, "", `{"range":"10.0.0.0/33","allocations":{}}`, "", ""},
		{"mapped range", admissionv1.Create, "", `{"range":"::ffff:10.0.0.0/120","allocations":{}}`, "", ""},
		{"allocations absent", admissionv1.Create, "", `{"range":"10.0.0.0/24"}`, "", `[{"op":"add","path":"/spec/allocations","value":{}}]`},
		{"allocations null", admissionv1.Create, "", `{"range":"10.0.0.0/24","allocations":null}`, "", `[{"op":"add","path":"/spec/allocations","value":{}}]`},
		{"spec null", admissionv1.Create, "", `null`, "", ""},
		{"keys respelled", admissionv1.Create, "", `{"range":"10.0.0.0/24","allocations":{"05":` + entry + `,"+6":` + entry + `,"-0":` + entry + `,"7":` + entry + `}}`, "",
			`[{"op":"move","from":"/spec/allocations/05","path":"/spec/allocations/5"},{"op":"move","from":"/spec/allocations/+6","path":"/spec/allocations/6"},{"op":"move","from":"/spec/allocations/-0","path":"/spec/allocations/0"}]`},
		{"key that collides", admissionv1.Create, "", `{"range":"10.0.0.0/24","allocations":{"05":` + entry + `,"5":` + entry + `}}`, "", ""},
		{"keys that collide with each other", admissionv1.Create, "", `{"range":"10.0.0.0/24","allocations":{"05":` + entry + `,"+5":` + entry + `}}`, "", ""},
		{"keys that are no offset", admissionv1.Create, "", `{"range":"10.0.0.0/24","allocations":{"-5":` + entry + `," 5":` + entry + `,"5.0":` + entry + `,"a/~":` + entry + `,"":` + entry + `,"099999999999999999999":` + entry + `}}`, "", ""},
		{"update", admissionv1.Update, "", `{"range":"10.0.0.0/24","allocations":{"05":` + entry + `}}`, `{"range":"10.0.0.0/24","allocations":{}}`, `[{"op":"move","from":"/spec/allocations/05","path":"/spec/allocations/5"}]`},
		{"update that resolves a collision", admissionv1.Update, "", `{"range":"10.0.0.0/24","allocations":{"05":` + entry + `}}`, `{"range":"10.0.0.0/24","allocations":{"05":` + entry + `,"5":` + entry + `}}`, ""},
		{"update that leaves the allocations out", admissionv1.Update, "", `{"range":"10.0.0.0/24"}`, `{"range":"10.0.0.0/24","allocations":{"5":` + entry + `}}`, ""},
		{"update that still has none", admissionv1.Update, "", `{"range":"10.0.0.0/24"}`, `{"range":"10.0.0.0/24"}`, `[{"op":"add","path":"/spec/allocations","value":{}}]`},
		{"delete", admissionv1.Delete, "", `{"range":"2001:DB8::/32"}`, `{"range":"2001:DB8::/32"}`, ""},
		{"trusted writer", admissionv1.Create, admissiontest.TrustedUser, `{"range":"2001:DB8::/32"}`, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			user := test.user
			if user == "" {
				user = admissiontest.OrdinaryUser
			}
			w := decodeReview(t, test.operation, user, poolWith(test.spec), poolWith(test.old))
			newJudge(t, policy.Default()).Mutate(w)
			if !w.Response.Allowed || string(w.Response.Patch) != test.want {
				t.Errorf("allowed %v, patch %s\nwant %s", w.Response.Allowed, w.Response.Patch, test.want)
			}
		})
	}
}

// TestUnknownFieldsSurviveMending applies a patch to an object that has fields which nobody here knows.
func TestUnknownFieldsSurviveMending(t *testing.T) {
	object := poolWith(`{"range":"10.0.0.0/24","allocations":{"05":{"id":"a","podref":"ns/a","zone":"b"}},"mode":"fast"}`)
	want := `{"apiVersion":"whereabouts.cni.cncf.io/v1alpha1","kind":"IPPool","metadata":{"name":"10.0.0.0-24"},` +
		`"spec":{"allocations":{"5":{"id":"a","podref":"ns/a","zone":"b"}},"mode":"fast","range":"10.0.0.0/24"}}`
	if got := mend(t, newJudge(t, policy.Default()), admissionv1.Create, object, ""); got != want {
		t.Errorf("mended to %s\nwant %s", got, want)
	}
}

func poolWith(spec string) string {
	if spec == "" {
		return ""
	}
	return `{"apiVersion":"whereabouts.cni.cncf.io/v1alpha1","kind":"IPPool","metadata":{"name":"10.0.0.0-24"},"spec":` + spec + `}`
}
