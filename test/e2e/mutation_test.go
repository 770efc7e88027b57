package e2e

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/json"
)

// TestMutation compares what jane writes with what is stored. There is a warning about each change.
func TestMutation(t *testing.T) {
	allocation := `{"id": "` + idPrefix + `", "podref": "default/web-0"}`
	other := `{"id": "` + idPrefix + `0", "podref": "default/web-1"}`
	for _, c := range []struct {
		about, name, written, stored string
		warnings                     []string
	}{
		{
			about: "healthy pool stays", name: "10.0.0.0-24",
			written: `{"range": "10.0.0.0/24", "allocations": {"5": ` + allocation + `}}`,
			stored:  `{"range": "10.0.0.0/24", "allocations": {"5": ` + allocation + `}}`,
		},
		{
			about: "range in another notation", name: "2001-db8---64",
			written: `{"range": "2001:DB8:0::/64", "allocations": {"5": ` + allocation + `}}`,
			stored:  `{"range": "2001:db8::/64", "allocations": {"5": ` + allocation + `}}`,
			warnings: []string{
				`spec.range: stored as 2001:db8::/64 instead of "2001:DB8:0::/64" (rule range-syntax)`,
			},
		},
		{
			about: "white space is trimmed", name: "10.0.0.0-24",
			written: `{"range": " 10.0.0.0/24\n", "allocations": {}}`,
			stored:  `{"range": "10.0.0.0/24", "allocations": {}}`,
			warnings: []string{
				`spec.range: stored as 10.0.0.0/24 instead of " 10.0.0.0/24\n" (rule range-syntax)`,
			},
		},
		{
			about: "host bits of an empty pool are masked", name: "10.0.0.0-24",
			written: `{"range": "10.0.0.7/24", "allocations": {}}`,
			stored:  `{"range": "10.0.0.0/24", "allocations": {}}`,
			warnings: []string{
				`spec.range: stored as 10.0.0.0/24 instead of "10.0.0.7/24" (rule range-host-bits)`,
			},
		},
		{
			about: "absent allocations are added", name: "10.0.0.0-24",
			written: `{"range": "10.0.0.0/24"}`,
			stored:  `{"range": "10.0.0.0/24", "allocations": {}}`,
			warnings: []string{
				`spec.allocations: stored as {}, because the schema requires it`,
			},
		},
		{
			about: "null allocations are added", name: "10.0.0.0-24",
			written: `{"range": "10.0.0.0/24", "allocations": null}`,
			stored:  `{"range": "10.0.0.0/24", "allocations": {}}`,
			warnings: []string{
				`spec.allocations: stored as {}, because the schema requires it`,
			},
		},
		{
			about: "keys that are not canonical", name: "10.0.0.0-24",
			written: `{"range": "10.0.0.0/24", "allocations": {"05": ` + allocation + `, "+6": ` + other + `}}`,
			stored:  `{"range": "10.0.0.0/24", "allocations": {"5": ` + allocation + `, "6": ` + other + `}}`,
			warnings: []string{
				`spec.allocations[+6]: stored under key "6" (rule offset-syntax)`,
				`spec.allocations[05]: stored under key "5" (rule offset-syntax)`,
			},
		},
		{
			about: "all at once", name: "10.0.0.0-24",
			written: `{"range": " 10.0.0.0/24", "allocations": {"05": ` + allocation + `, "+6": ` + other + `}}`,
			stored:  `{"range": "10.0.0.0/24", "allocations": {"5": ` + allocation + `, "6": ` + other + `}}`,
			warnings: []string{
				`spec.range: stored as 10.0.0.0/24 instead of " 10.0.0.0/24" (rule range-syntax)`,
				`spec.allocations[+6]: stored under key "6" (rule offset-syntax)`,
				`spec.allocations[05]: stored under key "5" (rule offset-syntax)`,
			},
		},
	} {
		t.Run(c.about, func(t *testing.T) {
			s := newScene(t)
			code := 0
			got := request(t, func(ctx context.Context) (err error) {
				code, err = s.jane.post(ctx, poolText(c.name, c.written), "")
				return err
			})
			expect(t, got, allowed(c.warnings...))
			if code != http.StatusCreated {
				t.Fatalf("HTTP status %d, want %d", code, http.StatusCreated)
			}
			expectSpec(t, s, bare(c.name, decode(t, c.stored)))
		})
	}
}

// TestMutationOfFilledPool checks that the webhook does not normalize what would change the addresses of pods or choose between
// pods. It is denied.
func TestMutationOfFilledPool(t *testing.T) {
	s := newScene(t)
	expect(t, s.jane.create(t, named(newPool("10.0.0.5/24", at("1", "default/web-0")), "10.0.0.0-24")), denied(usersWebhook, "10.0.0.0-24",
		`spec.range: Invalid value: "10.0.0.5/24": must be the network address, without host bits; write 10.0.0.0/24 (rule range-host-bits)`))
	expect(t, s.jane.create(t, newPool("10.0.0.0/24", at("05", "default/web-0"), at("+5", "default/web-1"))), denied(usersWebhook, "10.0.0.0-24",
		`spec.allocations[+5]: Invalid value: "+5": must be a decimal offset; write "5" (rule offset-syntax)`,
		`spec.allocations[05]: Invalid value: "05": must be a decimal offset; write "5" (rule offset-syntax)`,
		`spec.allocations[05]: Duplicate value: "05": has the same offset as key "+5"; remove one of the two (rule offset-alias)`))
}

// TestMutationOfUpdate checks that pools of Whereabouts are normalized when a user changes the spec, and not before.
func TestMutationOfUpdate(t *testing.T) {
	s := newScene(t)
	written := named(newPool(" 10.0.0.0/24", at("05", "default/web-0")), "10.0.0.0-24")
	s.whereabouts.store(t, written)
	expectSpec(t, s, written)

	labelled := with(written, func(p *unstructured.Unstructured) { p.SetLabels(map[string]string{"team": "network"}) })
	expect(t, s.jane.update(t, labelled), allowed())
	expectSpec(t, s, written)

	more := named(newPool(" 10.0.0.0/24", at("05", "default/web-0"), at("6", "default/web-1")), "10.0.0.0-24")
	expect(t, s.jane.update(t, more), allowed(
		`spec.range: stored as 10.0.0.0/24 instead of " 10.0.0.0/24" (rule range-syntax)`,
		`spec.allocations[05]: stored under key "5" (rule offset-syntax)`))
	expectSpec(t, s, newPool("10.0.0.0/24", at("05", "default/web-0").under("5"), at("6", "default/web-1")))
}

// TestMutationKeepsTheRest checks that a patch does not change unknown fields.
func TestMutationKeepsTheRest(t *testing.T) {
	keepUnknownFields(t)
	s := newScene(t)
	pool := newPool("2001:DB8::/64", at("05", "default/web-0"))
	pool.SetLabels(map[string]string{"team": "network"})
	pool.SetAnnotations(map[string]string{"note": "a~b/c"})
	spec, _ := pool.Object["spec"].(map[string]any)
	spec["future"] = map[string]any{"a": []any{"b", int64(1)}}
	expect(t, s.jane.create(t, pool), allowed(
		`spec.range: stored as 2001:db8::/64 instead of "2001:DB8::/64" (rule range-syntax)`,
		`spec.allocations[05]: stored under key "5" (rule offset-syntax)`,
		`unknown field "spec.future"`))

	stored := s.jane.mustRead(t, pool.GetName())
	want := newPool("2001:db8::/64", at("05", "default/web-0").under("5"))
	wantSpec, _ := want.Object["spec"].(map[string]any)
	wantSpec["future"] = spec["future"]
	expectSameSpec(t, stored, want)
	if diff := cmp.Diff(pool.GetLabels(), stored.GetLabels()); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(pool.GetAnnotations(), stored.GetAnnotations()); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
}

// TestMutationReleasesNothing leaves out the allocations in an update of a filled pool. The schema rejects it, and no
// normalization may turn it into a removal of all allocations.
func TestMutationReleasesNothing(t *testing.T) {
	s := newScene(t)
	pool := newPool("10.0.0.0/24", at("1", "default/web-0"))
	expect(t, s.jane.create(t, pool), allowed())
	got := request(t, func(ctx context.Context) error {
		_, err := s.jane.patch(ctx, pool.GetName(), types.MergePatchType, decode(t, `{"spec":{"allocations":null}}`), metav1.PatchOptions{})
		return err
	})
	if got.Status == nil || got.Status.Code != http.StatusUnprocessableEntity {
		t.Errorf("answer %v, want the schema's denial", got)
	}
	expectSpec(t, s, pool)
}

// TestMutationSkipsWhereabouts checks that a pool of Whereabouts is not changed. The schema denies one without allocations.
func TestMutationSkipsWhereabouts(t *testing.T) {
	s := newScene(t)
	got := request(t, func(ctx context.Context) error {
		_, err := s.whereabouts.Create(ctx, bare("10.0.0.0-24", map[string]any{"range": "10.0.0.0/24"}), metav1.CreateOptions{})
		return err
	})
	if got.Status == nil || got.Status.Code != http.StatusUnprocessableEntity {
		t.Errorf("answer %v, want the schema's denial", got)
	}
}

// decode decodes an object as a client does: a whole number is an int64.
func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	return object
}
