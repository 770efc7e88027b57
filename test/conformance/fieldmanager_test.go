package conformance

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestFieldManager sends invalid names of field managers.
func TestFieldManager(t *testing.T) {
	run(t, []row{
		{name: "too long", request: post(pool(empty), "fieldManager="+strings.Repeat("m", 129)),
			want: invalidOptions("CreateOptions", metav1.StatusCause{
				Type: metav1.CauseTypeTooLong, Field: "fieldManager", Message: "Too long: may not be more than 128 bytes",
			})},
		{name: "not printable", before: []string{pool(empty)}, request: patch(mergePatch, `{}`, "fieldManager=a%09b"),
			want: invalidOptions("PatchOptions", invalidValue("fieldManager", `"a\tb": invalid character U+0009 (at position 1)`))},
	})
	for _, c := range []struct {
		name string
		request
		want []string
	}{
		{"of PUT", put(latest(inUse), "fieldManager=jane"), []string{"conformance Update", "jane Update"}},
		{"of a merge patch", patch(mergePatch, `{"spec": {"allocations": {"1": `+web0+`}}}`, "fieldManager=jane"), []string{"conformance Update", "jane Update"}},
		{"of apply", apply(pool(inUse)), []string{"jane Apply", "conformance Update"}},
		{"of a client that names none", put(latest(inUse)), []string{"conformance Update"}},
	} {
		suite.rows.Run(t, c.name, func(t *testing.T) { testFieldManager(t, c.request, c.want) })
	}
}

// testFieldManager compares the managers of the fields of 10.0.0.0-24 after a request.
func testFieldManager(t *testing.T, write request, want []string) {
	s := newScene(t, pool(empty))
	_, _, body := s.do(t, write)
	var got []string
	for _, allocation := range metadata(t, body).ManagedFields {
		got = append(got, allocation.Manager+" "+string(allocation.Operation))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("managers (-want +got):\n%s", diff)
	}
}
