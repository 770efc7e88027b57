package codec_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ippool-webhook/webhook/codec"
	"ippool-webhook/webhook/ippool"
)

func TestParse(t *testing.T) {
	text := `{
		"apiVersion": "whereabouts.cni.cncf.io/v1alpha1",
		"kind": "IPPool",
		"metadata": {"name": "10.0.0.0-24", "namespace": "kube-system", "deletionTimestamp": "2026-01-01T00:00:00Z", "annotations": {"ippool-webhook/allow-delete": "true"}},
		"spec": {"range": "10.0.0.0/24", "allocations": {
			"1": {"id": "a", "podref": "default/web-0", "ifname": "net1"},
			"05": {"id": "\u0062", "podref": "default\/web-1"},
			"7": null
		}}
	}`
	want := &ippool.Pool{
		Present: true, Size: len(text),
		APIVersion: "whereabouts.cni.cncf.io/v1alpha1", Kind: "IPPool", Name: "10.0.0.0-24", Namespace: "kube-system", Deleting: true, AllowDelete: "true",
		HasSpec: true, HasAllocations: true, RangeText: "10.0.0.0/24", EffectiveRange: parseRange(t, "10.0.0.0/24"),
		Allocations: []ippool.Allocation{
			{Key: "1", ID: "a", PodRef: "default/web-0", IfName: "net1", Offset: ippool.Offset{Value: 1, CanonicalLength: 1, Readable: true, Canonical: true}},
			{Key: "05", ID: "b", PodRef: "default/web-1", Offset: ippool.Offset{Value: 5, CanonicalLength: 1, Readable: true}},
			{Key: "7", Offset: ippool.Offset{Value: 7, CanonicalLength: 1, Readable: true, Canonical: true}},
		},
		Items: 3, Unsorted: true, NonCanonical: 1,
	}
	comparePools(t, want, parse(t, text))
}

func TestParseOfLittle(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       ippool.Pool
	}{
		{"null", `null`, ippool.Pool{}},
		{"empty object", `{}`, ippool.Pool{Present: true, Size: 2}},
		{"white space counts in no size", " {\n} ", ippool.Pool{Present: true, Size: 3}},
		{"null spec", `{"spec":null}`, ippool.Pool{Present: true, Size: 13}},
		{"empty spec", `{"spec":{}}`, ippool.Pool{Present: true, Size: 11, HasSpec: true}},
		{"null range and allocations", `{"spec":{"range":null,"allocations":null}}`, ippool.Pool{Present: true, Size: 42, HasSpec: true}},
		{"empty range", `{"spec":{"range":""}}`, ippool.Pool{Present: true, Size: 21, HasSpec: true}},
		{"empty allocations", `{"spec":{"allocations":{}}}`, ippool.Pool{Present: true, Size: 27, HasSpec: true, HasAllocations: true}},
		{"null metadata", `{"metadata":null}`, ippool.Pool{Present: true, Size: 17}},
		{"null deletionTimestamp", `{"metadata":{"deletionTimestamp":null}}`, ippool.Pool{Present: true, Size: 39}},
		{"other annotation", `{"metadata":{"annotations":{"a":"true"}}}`, ippool.Pool{Present: true, Size: 41}},
		{"annotation that is not true", `{"metadata":{"annotations":{"ippool-webhook/allow-delete":"yes"}}}`, ippool.Pool{Present: true, Size: 66, AllowDelete: "yes"}},
		{"annotation that is no string", `{"metadata":{"annotations":{"ippool-webhook/allow-delete":true}}}`, ippool.Pool{Present: true, Size: 65}},
	} {
		t.Run(test.name, func(t *testing.T) {
			comparePools(t, &test.want, parse(t, test.text))
		})
	}
}

func TestParseKeepsWhyARangeIsWrong(t *testing.T) {
	p := parse(t, `{"spec":{"range":"10.0.0.0/33"}}`)
	if p.EffectiveRange.IsValid() || p.RangeError == nil {
		t.Fatalf("range %v, error %v, want an error alone", p.EffectiveRange, p.RangeError)
	}
	if want := "must have a prefix length from 0 to 32 after the slash"; p.RangeError.Error() != want {
		t.Errorf("error %q, want %q", p.RangeError, want)
	}
}

// TestParseTakesTheLastValue covers names that come twice, as an API server never sends them and a file may.
func TestParseTakesTheLastValue(t *testing.T) {
	const allocation = `{"id":"a","podref":"default/web-0"}`
	for _, test := range []struct {
		name, text string
		want       ippool.Pool
	}{
		{
			"range", `{"spec":{"range":"10.0.0.0/33","range":"10.0.0.0/24"}}`,
			ippool.Pool{Present: true, HasSpec: true, RangeText: "10.0.0.0/24", EffectiveRange: parseRange(t, "10.0.0.0/24"), Duplicates: []string{"spec.range"}},
		},
		{
			"spec", `{"spec":{"range":"10.0.0.0/24","bogus":1,"allocations":{"05":` + allocation + `}},"spec":{}}`,
			ippool.Pool{Present: true, HasSpec: true, Duplicates: []string{"spec"}},
		},
		{
			"spec, then null", `{"spec":{"range":"10.0.0.0/24"},"spec":null}`,
			ippool.Pool{Present: true, Duplicates: []string{"spec"}},
		},
		{
			"allocations", `{"spec":{"allocations":{"1":` + allocation + `},"allocations":{}}}`,
			ippool.Pool{Present: true, HasSpec: true, HasAllocations: true, Duplicates: []string{"spec.allocations"}},
		},
		{
			"allocations, then null", `{"spec":{"allocations":{"05":` + allocation + `},"allocations":null}}`,
			ippool.Pool{Present: true, HasSpec: true, Duplicates: []string{"spec.allocations"}},
		},
		{
			"allocation", `{"spec":{"allocations":{"1":{"ifname":"net1","bogus":1},"1":` + allocation + `}}}`,
			ippool.Pool{
				Present: true, HasSpec: true, HasAllocations: true, Items: 2, Duplicates: []string{"spec.allocations.1"},
				Allocations: []ippool.Allocation{{Key: "1", ID: "a", PodRef: "default/web-0", Offset: ippool.ParseOffset("1")}},
			},
		},
		{
			"field of an allocation", `{"spec":{"allocations":{"1":{"id":"b","id":"a"}}}}`,
			ippool.Pool{
				Present: true, HasSpec: true, HasAllocations: true, Items: 1, Duplicates: []string{"spec.allocations.1.id"},
				Allocations: []ippool.Allocation{{Key: "1", ID: "a", Offset: ippool.ParseOffset("1")}},
			},
		},
		{
			"apiVersion and kind", `{"apiVersion":"a","kind":"b","apiVersion":"c","kind":"d"}`,
			ippool.Pool{Present: true, APIVersion: "c", Kind: "d", Duplicates: []string{"apiVersion", "kind"}},
		},
		{
			"metadata", `{"metadata":{"name":"a","deletionTimestamp":"x","annotations":{"ippool-webhook/allow-delete":"true"}},"metadata":{"name":"b"}}`,
			ippool.Pool{Present: true, Name: "b", Duplicates: []string{"metadata"}},
		},
		{
			"annotations", `{"metadata":{"annotations":{"ippool-webhook/allow-delete":"true"},"annotations":{}}}`,
			ippool.Pool{Present: true},
		},
		{
			"annotation", `{"metadata":{"annotations":{"ippool-webhook/allow-delete":"true","ippool-webhook/allow-delete":"false"}}}`,
			ippool.Pool{Present: true, AllowDelete: "false"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.want.Size = len(test.text)
			comparePools(t, &test.want, parse(t, test.text))
		})
	}
}

// TestParseKeepsWrongTypes covers values of a wrong type: what can be read beside them is.
func TestParseKeepsWrongTypes(t *testing.T) {
	wrong := func(path, must, text string) ippool.WrongField {
		return ippool.WrongField{Path: path, Must: must, Text: text}
	}
	for _, test := range []struct {
		name, text string
		want       []ippool.WrongField
	}{
		{"spec", `{"spec":false}`, []ippool.WrongField{wrong("spec", "object", "false")}},
		{"range", `{"spec":{"range":24}}`, []ippool.WrongField{wrong("spec.range", "string", "24")}},
		{"range, a negative number", `{"spec":{"range": -1 }}`, []ippool.WrongField{wrong("spec.range", "string", "-1")}},
		{"good value before", `{"spec":{"range":"10.0.0.0/24","range":true}}`, []ippool.WrongField{wrong("spec.range", "string", "true")}},
		{"enable_l3", `{"spec":{"enable_l3":"true"}}`, []ippool.WrongField{wrong("spec.enable_l3", "boolean", `"true"`)}},
		{"allocations", `{"spec":{"allocations":[{"id":"a"}]}}`, []ippool.WrongField{wrong("spec.allocations", "object", `[{"id":"a"}]`)}},
		{"several", `{"spec":{"range":1,"allocations":2,"enable_l3":3}}`, []ippool.WrongField{
			wrong("spec.range", "string", "1"), wrong("spec.allocations", "object", "2"), wrong("spec.enable_l3", "boolean", "3"),
		}},
		{"metadata is the API server's", `{"apiVersion":1,"kind":{},"metadata":{"name":[],"annotations":"x"}}`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, parse(t, test.text).WrongTypes, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("fields of a wrong type (-want +got):\n%s", diff)
			}
		})
	}
	for name, root := range map[string]string{"5": "a number", "[]": "a list", `"x"`: "a string", "{}": "", "null": ""} {
		if got := parse(t, name).WrongRoot; got != root {
			t.Errorf("%s is %q, want %q", name, got, root)
		}
	}
}

func TestParseKeepsWrongTypesOfAllocations(t *testing.T) {
	p := parse(t, `{"spec":{"allocations":{"1":"default/web-0","2":{"id":7,"podref":"default/web-1"},"3":{"podref":{},"ifname":["net1"],"ipamclaimref":false},"4":{"id":"a"},"5":{"id":7,"id":"a"}}}}`)
	want := []ippool.Allocation{
		{Key: "1", ID: `"default/web-0"`, WrongTypes: ippool.WrongValue},
		{Key: "2", ID: "7", PodRef: "default/web-1", WrongTypes: ippool.WrongID},
		{Key: "3", PodRef: "{}", IfName: `["net1"]`, ClaimRef: "false", WrongTypes: ippool.WrongPodRef | ippool.WrongIfName | ippool.WrongClaimRef},
		{Key: "4", ID: "a"},
		{Key: "5", ID: "a"},
	}
	for i := range want {
		want[i].Offset = ippool.ParseOffset(want[i].Key)
	}
	if diff := cmp.Diff(want, p.Allocations); diff != "" {
		t.Errorf("allocations (-want +got):\n%s", diff)
	}
}

// TestTooManyAllocations covers the limit to the allocation.
func TestTooManyAllocations(t *testing.T) {
	keys := make([]string, ippool.MaxAllocations+1)
	for i := range keys {
		keys[i] = fmt.Sprint(i)
	}
	if p := poolOfKeys(t, keys[1:]); p.Overfull || len(p.Allocations) != ippool.MaxAllocations || p.Items != ippool.MaxAllocations {
		t.Errorf("overfull %v, %d of %d allocations, want all", p.Overfull, len(p.Allocations), p.Items)
	}
	if p := poolOfKeys(t, append(keys[1:], "1")); p.Overfull || len(p.Allocations) != ippool.MaxAllocations {
		t.Errorf("a key that comes again: overfull %v, %d allocations, want all", p.Overfull, len(p.Allocations))
	}
	if p := poolOfKeys(t, keys); !p.Overfull || len(p.Allocations) != 0 || p.Items != len(keys) {
		t.Errorf("overfull %v, %d of %d allocations, want none", p.Overfull, len(p.Allocations), p.Items)
	}
}

func TestParseErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"empty", ``, "the value at byte 0 is not JSON: EOF"},
		{"unclosed", `{"spec":{"range":"10.0.0.0/24"`, "the JSON text ends early, expected a comma or }"},
		{"data after the object", `{} {}`, "data follows the JSON value, from byte 3 on"},
		{"colon forgotten in an allocation", `{"spec":{"allocations":{"5":{"id" "a"}}}}`, `unexpected '"' at byte 34, expected a colon`},
		{"comma after the last allocation", `{"spec":{"allocations":{"5":{},}}}`, `unexpected '}' at byte 31, expected the name of a field`},
		{"comma after the last field", `{"spec":{"allocations":{"5":{"id":"a",}}}}`, `unexpected '}' at byte 38, expected the name of a field`},
		{"colon forgotten in an annotation", `{"metadata":{"annotations":{"a" 1}}}`, `unexpected '1' at byte 32, expected a colon`},
		{"colon forgotten in an unknown field", `{"bogus":{"a" 1}}`, `unexpected '1' at byte 14, expected a colon`},
		{"comma forgotten in an unknown list", `{"bogus":[1 2]}`, `unexpected '2' at byte 12, expected a comma or ]`},
		{"too deep", `{"bogus":` + strings.Repeat("[", 10_000), `nested more than 10000 deep at byte 10008`},
		{"too deep in objects", strings.Repeat(`{"a":`, 10_001), `nested more than 10000 deep at byte 50000`},
		{"comma forgotten", `{"spec":{"allocations":{"5":{} "6":{}}}}`, `unexpected '"' at byte 31, expected a comma or }`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := codec.Parse([]byte(test.text), nil)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

// TestParseForgivesWhatALaterValueReplaces covers values of a wrong type that do not count.
func TestParseForgivesWhatALaterValueReplaces(t *testing.T) {
	for _, text := range []string{
		`{"spec":5,"spec":{}}`,
		`{"spec":{"range":5,"range":"10.0.0.0/24"}}`,
		`{"spec":{"range":5},"spec":{}}`,
		`{"spec":{"allocations":5,"allocations":{}}}`,
		`{"spec":{"allocations":5},"spec":{}}`,
		`{"spec":{"allocations":{"1":5}},"spec":{}}`,
		`{"spec":{"allocations":{"1":5},"allocations":{"1":{}}}}`,
		`{"spec":{"allocations":{"1":5,"1":{}}}}`,
		`{"spec":{"allocations":{"1":{"id":5},"1":{}}}}`,
		`{"spec":{"allocations":{"1":{"id":5,"id":"a"}}}}`,
		`{"spec":{"enable_l3":5,"enable_l3":true}}`,
	} {
		t.Run(text, func(t *testing.T) {
			p := parse(t, text)
			if len(p.WrongTypes) > 0 {
				t.Errorf("fields of a wrong type: %v", p.WrongTypes)
			}
			for _, a := range p.Allocations {
				if a.WrongTypes != 0 {
					t.Errorf("allocation %+v has a wrong type", a)
				}
			}
		})
	}
}

func TestUnknownAndDuplicateFields(t *testing.T) {
	type fields struct{ Unknown, Duplicates []string }
	for _, test := range []struct {
		name, text string
		want       fields
	}{
		{"none", `{"apiVersion":"a","kind":"b","metadata":{},"spec":{"range":"c","allocations":{"1":{"id":"d","podref":"e","ifname":"f"}}}}`, fields{}},
		{"metadata is left alone", `{"metadata":{"bogus":1,"bogus":2,"labels":{"a":"b","a":"c"}}}`, fields{}},
		{"at the root", `{"bogus":{}}`, fields{Unknown: []string{"bogus"}}},
		{"status is known", `{"status":{"totalIPs":256,"a":{"b":1,"b":2}}}`, fields{Duplicates: []string{"status.a.b"}}},
		{"fields of other lineages are known", `{"spec":{"enable_l3":true,"allocations":{"5":{"ipamclaimref":"a/b"}}}}`, fields{}},
		{"in spec", `{"spec":{"bogus":1}}`, fields{Unknown: []string{"spec.bogus"}}},
		{"in an allocation", `{"spec":{"allocations":{"5":{"bogus":1}}}}`, fields{Unknown: []string{"spec.allocations.5.bogus"}}},
		{"names are case-sensitive", `{"spec":{"allocations":{"5":{"podRef":"a"}}}}`, fields{Unknown: []string{"spec.allocations.5.podRef"}}},
		{"unknown twice", `{"spec":{"bogus":1,"bogus":2}}`, fields{Unknown: []string{"spec.bogus"}, Duplicates: []string{"spec.bogus"}}},
		{"one name in two places", `{"bogus":1,"spec":{"bogus":1}}`, fields{Unknown: []string{"bogus", "spec.bogus"}}},
		{"three times is one duplicate", `{"kind":"a","kind":"b","kind":"c"}`, fields{Duplicates: []string{"kind"}}},
		{"escaped name", `{"spec":{"range":"a","\u0072ange":"b"}}`, fields{Duplicates: []string{"spec.range"}}},
		{
			"below an unknown field", `{"spec":{"bogus":{"list":[1,{"a":1,"a":2}],"list":3}}}`,
			fields{Unknown: []string{"spec.bogus"}, Duplicates: []string{"spec.bogus.list[1].a", "spec.bogus.list"}},
		},
		{"below a value of a wrong type", `{"spec":{"range":null,"allocations":{"1":{"id":null}}},"extra":[{"a":1,"a":1}]}`, fields{Unknown: []string{"extra"}, Duplicates: []string{"extra[0].a"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := parse(t, test.text)
			got := fields{Duplicates: p.Duplicates}
			for _, unknown := range p.Unknown {
				got.Unknown = append(got.Unknown, p.Path(unknown))
			}
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDuplicatesAreBounded(t *testing.T) {
	var text strings.Builder
	for i := range 150 {
		fmt.Fprintf(&text, `"k%[1]d":1,"k%[1]d":2,`, i)
	}
	p := parse(t, "{"+strings.TrimSuffix(text.String(), ",")+"}")
	if len(p.Duplicates) != 100 || p.Duplicates[99] != "k99" {
		t.Errorf("%d duplicates, the last %q, want 100 and k99", len(p.Duplicates), p.Duplicates[len(p.Duplicates)-1])
	}
	long := strings.Repeat("k", 2000)
	p = parse(t, `{"`+long+`":1,"`+long+`":2}`)
	if want := []string{long[:1024]}; !slices.Equal(p.Duplicates, want) {
		t.Errorf("a path of %d bytes, want one cut to 1024", len(p.Duplicates[0]))
	}
}

// TestNamesAreBounded gives more fields outside the schema than are remembered: duplicates among the first are found.
func TestNamesAreBounded(t *testing.T) {
	var text strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&text, `"k%d":1,`, i)
	}
	p := parse(t, `{"spec":{"first":1,"first":2,`+text.String()+`"last":1,"last":2}}`)
	if diff := cmp.Diff([]string{"spec.first"}, p.Duplicates); diff != "" {
		t.Errorf("duplicates (-want +got):\n%s", diff)
	}
	if len(p.Unknown) != 1000 || p.MoreUnknown <= 39_000 {
		t.Errorf("%d unknown fields and %d more, want 1000 and over 39000 more", len(p.Unknown), p.MoreUnknown)
	}
}

// TestReuse decodes all kinds of objects after all others with one Pool: nothing of one may show in the next.
func TestReuse(t *testing.T) {
	const allocations = `"1":{"id":"a","podref":"default/web-0","ifname":"net1"},"2":{"id":"a","podref":"default/web-0","ifname":"net1"}`
	texts := []string{
		`null`, `{}`, `5`, `{"spec":{"range":5}}`, `{"spec":{"allocations":{"1":5}}}`,
		`{"apiVersion":"a","kind":"b","metadata":{"name":"c","deletionTimestamp":"d","annotations":{"ippool-webhook/allow-delete":"true"}}}`,
		`{"spec":{"range":"10.0.0.5/24","allocations":{` + allocations + `}}}`,
		`{"spec":{"range":"10.0.0.0/33","allocations":{"2":{},"10":{},"1":{}}}}`,
		`{"spec":{"range":"2001:db8::/64","allocations":{"05":{"bogus":1},"5":{"bogus":1},"05":{"bogus":2,"bogus":3}},"bogus":1},"bogus":1,"spec":{}}`,
		`{"spec":{"allocations":{"05":{"podref":"default/web-0"},"1":{"podref":"default/web-0","ifname":"net2","id":7}},"allocations":{` + allocations + `}}}`,
		`{"spec":{"allocations":{"1":{"id":"a"}`,
	}
	var (
		d      codec.Decoder
		reused ippool.Pool
	)
	for _, before := range texts {
		for _, text := range texts {
			_ = decode(t, &d, before, &reused, nil)
			err := decode(t, &d, text, &reused, nil)
			fresh, freshErr := codec.Parse([]byte(text), nil)
			if diff := cmp.Diff(errorText(freshErr), errorText(err)); diff != "" {
				t.Errorf("error of %s after %s (-fresh +reused):\n%s", text, before, diff)
			}
			if err == nil {
				comparePools(t, fresh, &reused)
			}
		}
	}
}

// TestDecodeLike decodes objects with the help of others that are like them, more or less: it changes nothing.
func TestDecodeLike(t *testing.T) {
	const a, b, c = `"1":{"id":"a","podref":"default/web-0"}`, `"2":{"id":"b","podref":"default/web-1","ifname":"net1"}`, `"03":{}`
	var texts []string
	for _, allocations := range []string{
		"", a, b, c, a + "," + b, b + "," + a, a + "," + c + "," + b, c + "," + b + "," + a, a + "," + a, a + "," + b + "," + a,
		a + " , " + b, `"1" : {"id":"a","podref":"default/web-0"}`, `"\u0031":{"id":"a","podref":"default/web-0"},` + b, `"1":{"id":"a", "podref":"default/web-0"}`,
		`"1":{"id":"a","podref":"default/web-0","ifname":""}`, `"1":{"id":"a","podref":"default/web-0","bogus":1},` + b, `"1":{"id":5},` + b, `"1":null,` + b,
		a + `,"1":{"id":5}`, `"1":{"id":5},` + a, a + `,"1":{"bogus":1}`, a + `,"1":null,` + b,
	} {
		texts = append(texts, `{"spec":{"allocations":{`+allocations+`}}}`)
	}
	texts = append(texts, `null`, `{}`, `{"spec":{"allocations":{`+a+`},"allocations":{`+b+`,`+a+`}}}`, `{"spec":{"allocations":{`+a+`}},"spec":{"allocations":{`+a+`,`+b+`}}}`)
	var like, d codec.Decoder
	var likePool, got ippool.Pool
	for _, likeText := range texts {
		for _, text := range texts {
			if err := decode(t, &like, likeText, &likePool, nil); err != nil {
				t.Fatal(err)
			}
			if err := decode(t, &d, text, &got, &like); err != nil {
				t.Fatal(err)
			}
			comparePools(t, parse(t, text), &got)
			if t.Failed() {
				t.Fatalf("%s like %s", text, likeText)
			}
		}
	}
}

// decode decodes the text of one object, to its end.
func decode(t *testing.T, d *codec.Decoder, text string, p *ippool.Pool, like *codec.Decoder) error {
	t.Helper()
	var r codec.Reader
	r.Reset(t.Context(), []byte(text), &codec.Text{})
	if err := d.Decode(&r, p, nil, like); err != nil {
		return err
	}
	return r.Close()
}

func TestDecodeAllocatesNothingForAnAllocation(t *testing.T) {
	count := func(n int) float64 {
		var keys []string
		for i := range n {
			keys = append(keys, fmt.Sprint(10_000+i))
		}
		text := textOfKeys(keys)
		var (
			d codec.Decoder
			p ippool.Pool
		)
		return testing.AllocsPerRun(5, func() {
			if err := decode(t, &d, text, &p, nil); err != nil {
				t.Error(err)
			}
		})
	}
	if few, many := count(10), count(5000); many > few {
		t.Errorf("%v allocations for 5000 items, %v for 10", many, few)
	}
}

func parse(t *testing.T, text string) *ippool.Pool {
	t.Helper()
	p, err := codec.Parse([]byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// poolOfKeys returns a pool whose allocations have these keys, in this order.
func poolOfKeys(t *testing.T, keys []string) *ippool.Pool {
	t.Helper()
	return parse(t, textOfKeys(keys))
}

func textOfKeys(keys []string) string {
	var text strings.Builder
	for i, key := range keys {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `"%s":{"id":"id-%d","podref":"default/web-%d","ifname":"net1"}`, key, i, i)
	}
	return `{"spec":{"range":"10.0.0.0/8","allocations":{` + text.String() + `}}}`
}

func comparePools(t *testing.T, want, got *ippool.Pool) {
	t.Helper()
	options := cmp.Options{
		cmpopts.EquateEmpty(),
		cmp.Comparer(func(a, b ippool.Range) bool { return a == b }),
		cmp.Comparer(func(a, b error) bool { return fmt.Sprint(a) == fmt.Sprint(b) }),
	}
	if diff := cmp.Diff(want, got, options); diff != "" {
		t.Errorf("pool (-want +got):\n%s", diff)
	}
}

func parseRange(t *testing.T, text string) ippool.Range {
	t.Helper()
	r, err := ippool.ParseRange(text)
	if err != nil {
		t.Fatalf("%q %v", text, err)
	}
	return r
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
