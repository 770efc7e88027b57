package codec_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ippool-webhook/webhook/codec"
)

func TestSchema(t *testing.T) {
	schema, err := codec.NewSchema([]string{"extra", "spec.gateway", "spec.allocations.*.owner"})
	if err != nil {
		t.Fatal(err)
	}
	text := `{"extra":1,"gateway":1,"status":{},"spec":{"gateway":{"a":{}},"owner":1,"allocations":{"1":{"owner":{},"extra":1}}}}`
	p, err := codec.Parse([]byte(text), schema)
	if err != nil {
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

// TestHas compares what the schema has with what the decoder takes for known.
func TestHas(t *testing.T) {
	schema, err := codec.NewSchema([]string{"extra", "spec.gateway", "spec.allocations.*.owner"})
	if err != nil {
		t.Fatal(err)
	}
	names := []string{
		"apiVersion", "kind", "metadata", "spec", "status", "range", "allocations", "enable_l3", "id", "podref", "ifname",
		"ipamclaimref", "extra", "gateway", "owner", "bogus",
	}
	for prefix, object := range map[string]string{"": `{%q:null}`, "spec.": `{"spec":{%q:null}}`, "spec.allocations.*.": `{"spec":{"allocations":{"1":{%q:null}}}}`} {
		for _, name := range names {
			for of, s := range map[string]*codec.Schema{"built in": nil, "with added fields": schema} {
				p, err := codec.Parse(fmt.Appendf(nil, object, name), s)
				if err != nil {
					t.Fatal(err)
				}
				if got, want := s.Has(prefix+name), len(p.Unknown) == 0; got != want {
					t.Errorf("schema %s: has %s%s: %t, want %t as in the decoder", of, prefix, name, got, want)
				}
			}
		}
	}
	for _, path := range []string{"", "spec.", "spec.allocations.*.", "spec.allocations.5.id", "spec.allocations.*.id.a", "metadata.name"} {
		if schema.Has(path) {
			t.Errorf("has %q, which is not the path of a field", path)
		}
	}
}

func TestSchemaErrors(t *testing.T) {
	for _, path := range []string{"", "spec.", "spec.a.b", "spec.*", "spec.allocations.5.owner", "spec.allocations.*.", "spec.allocations.*.a.b", "metadata.labels"} {
		_, err := codec.NewSchema([]string{"good", path})
		want := `"` + path + `" is not the path of a field: must be NAME, spec.NAME or spec.allocations.*.NAME`
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
