package ippool_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ippool-webhook/webhook/ippool"
)

func TestSchema(t *testing.T) {
	schema, err := ippool.NewSchema([]string{"extra", "spec.gateway", "spec.allocations.*.owner"})
	if err != nil {
		t.Fatal(err)
	}
	var p ippool.Pool
	text := `{"extra":1,"gateway":1,"status":{},"spec":{"gateway":{"a":{}},"owner":1,"allocations":{"1":{"owner":{},"extra":1}}}}`
	if err := p.Parse([]byte(text), schema); err != nil {
		t.Fatal(err)
	}
	var unknown []string
	for _, f := range p.Unknown {
		unknown = append(unknown, p.Path(f))
	}
	if diff := cmp.Diff([]string{"gateway", "spec.owner", "spec.allocations.1.extra"}, unknown); diff != "" {
		t.Errorf("unknown fields (-want +got):\n%s", diff)
	}
}

func TestSchemaErrors(t *testing.T) {
	for _, path := range []string{"", "spec.", "spec.a.b", "spec.*", "spec.allocations.5.owner", "spec.allocations.*.", "spec.allocations.*.a.b", "metadata.labels"} {
		_, err := ippool.NewSchema([]string{"good", path})
		want := `"` + path + `" is not the path of a field: must be NAME, spec.NAME or spec.allocations.*.NAME`
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
