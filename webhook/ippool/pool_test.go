package ippool_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ippool-webhook/webhook/arena"
	"ippool-webhook/webhook/ippool"
	"ippool-webhook/webhook/jsonview"
)

func TestParse(t *testing.T) {
	text := `{
		"apiVersion": "whereabouts.cni.cncf.io/v1alpha1",
		"kind": "IPPool",
		"metadata": {"name": "10.0.0.0-24", "deletionTimestamp": "2026-01-01T00:00:00Z", "annotations": {"ippool-webhook/allow-delete": "true"}},
		"spec": {"range": "10.0.0.0/24", "allocations": {
			"1": {"id": "a", "podref": "default/web-0", "ifname": "net1"},
			"05": {"id": "\u0062", "podref": "default\/web-1"},
			"7": null
		}}
	}`
	want := ippool.Object{
		Present: true, Size: len(text),
		APIVersion: "whereabouts.cni.cncf.io/v1alpha1", Kind: "IPPool", Name: "10.0.0.0-24", Deleting: true, AllowDelete: true,
		HasSpec: true, HasAllocations: true, RangeText: "10.0.0.0/24", Range: parseRange(t, "10.0.0.0/24"), Counted: parseRange(t, "10.0.0.0/24"),
		Allocations: []ippool.Allocation{
			{Key: "1", ID: "a", PodRef: "default/web-0", IfName: "net1", Offset: ippool.Offset{Value: 1, Readable: true, Canonical: true}},
			{Key: "05", ID: "b", PodRef: "default/web-1", Offset: ippool.Offset{Value: 5, Readable: true}},
			{Key: "7", Offset: ippool.Offset{Value: 7, Readable: true, Canonical: true}},
		},
		Respellable: 1,
	}
	compareObjects(t, want, parse(t, text).Object)
}

func TestParseOfLittle(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       ippool.Object
	}{
		{"null", `null`, ippool.Object{}},
		{"empty object", `{}`, ippool.Object{Present: true, Size: 2}},
		{"white space counts in no size", " {\n} ", ippool.Object{Present: true, Size: 3}},
		{"null spec", `{"spec":null}`, ippool.Object{Present: true, Size: 13}},
		{"empty spec", `{"spec":{}}`, ippool.Object{Present: true, Size: 11, HasSpec: true}},
		{"null range and allocations", `{"spec":{"range":null,"allocations":null}}`, ippool.Object{Present: true, Size: 42, HasSpec: true}},
		{"empty range", `{"spec":{"range":""}}`, ippool.Object{Present: true, Size: 21, HasSpec: true}},
		{"empty allocations", `{"spec":{"allocations":{}}}`, ippool.Object{Present: true, Size: 27, HasSpec: true, HasAllocations: true}},
		{"null metadata", `{"metadata":null}`, ippool.Object{Present: true, Size: 17}},
		{"null deletionTimestamp", `{"metadata":{"deletionTimestamp":null}}`, ippool.Object{Present: true, Size: 39}},
		{"other annotation", `{"metadata":{"annotations":{"a":"true"}}}`, ippool.Object{Present: true, Size: 41}},
		{"annotation that is not true", `{"metadata":{"annotations":{"ippool-webhook/allow-delete":"yes"}}}`, ippool.Object{Present: true, Size: 66}},
		{"annotation that is no string", `{"metadata":{"annotations":{"ippool-webhook/allow-delete":true}}}`, ippool.Object{Present: true, Size: 65}},
	} {
		t.Run(test.name, func(t *testing.T) {
			compareObjects(t, test.want, parse(t, test.text).Object)
		})
	}
}

func TestParseKeepsWhyARangeIsWrong(t *testing.T) {
	p := parse(t, `{"spec":{"range":"10.0.0.0/33"}}`)
	if p.Range.IsValid() || p.RangeError == nil {
		t.Fatalf("range %v, error %v, want an error alone", p.Range, p.RangeError)
	}
	if want := `has a prefix length of "33"; want a number from 0 to 32 without leading zeros`; p.RangeError.Error() != want {
		t.Errorf("error %q, want %q", p.RangeError, want)
	}
}

// TestParseTakesTheLastValue covers names that come twice, as an API server never sends them and a file may.
func TestParseTakesTheLastValue(t *testing.T) {
	const entry = `{"id":"a","podref":"default/web-0"}`
	for _, test := range []struct {
		name, text string
		want       ippool.Object
	}{
		{
			"range", `{"spec":{"range":"10.0.0.0/33","range":"10.0.0.0/24"}}`,
			ippool.Object{Present: true, HasSpec: true, RangeText: "10.0.0.0/24", Range: parseRange(t, "10.0.0.0/24"), Counted: parseRange(t, "10.0.0.0/24"), Duplicates: []string{"spec.range"}},
		},
		{
			"spec", `{"spec":{"range":"10.0.0.0/24","bogus":1,"allocations":{"05":` + entry + `}},"spec":{}}`,
			ippool.Object{Present: true, HasSpec: true, Duplicates: []string{"spec"}},
		},
		{
			"spec, then null", `{"spec":{"range":"10.0.0.0/24"},"spec":null}`,
			ippool.Object{Present: true, Duplicates: []string{"spec"}},
		},
		{
			"allocations", `{"spec":{"allocations":{"1":` + entry + `},"allocations":{}}}`,
			ippool.Object{Present: true, HasSpec: true, HasAllocations: true, Duplicates: []string{"spec.allocations"}},
		},
		{
			"allocations, then null", `{"spec":{"allocations":{"05":` + entry + `},"allocations":null}}`,
			ippool.Object{Present: true, HasSpec: true, Duplicates: []string{"spec.allocations"}},
		},
		{
			"allocation", `{"spec":{"allocations":{"1":{"ifname":"net1","bogus":1},"1":` + entry + `}}}`,
			ippool.Object{
				Present: true, HasSpec: true, HasAllocations: true, Duplicates: []string{"spec.allocations.1"},
				Allocations: []ippool.Allocation{{Key: "1", ID: "a", PodRef: "default/web-0", Offset: ippool.ParseOffset("1")}},
			},
		},
		{
			"field of an allocation", `{"spec":{"allocations":{"1":{"id":"b","id":"a"}}}}`,
			ippool.Object{
				Present: true, HasSpec: true, HasAllocations: true, Duplicates: []string{"spec.allocations.1.id"},
				Allocations: []ippool.Allocation{{Key: "1", ID: "a", Offset: ippool.ParseOffset("1")}},
			},
		},
		{
			"apiVersion and kind", `{"apiVersion":"a","kind":"b","apiVersion":"c","kind":"d"}`,
			ippool.Object{Present: true, APIVersion: "c", Kind: "d", Duplicates: []string{"apiVersion", "kind"}},
		},
		{
			"metadata", `{"metadata":{"name":"a","deletionTimestamp":"x","annotations":{"ippool-webhook/allow-delete":"true"}},"metadata":{"name":"b"}}`,
			ippool.Object{Present: true, Name: "b", Duplicates: []string{"metadata"}},
		},
		{
			"annotations", `{"metadata":{"annotations":{"ippool-webhook/allow-delete":"true"},"annotations":{}}}`,
			ippool.Object{Present: true},
		},
		{
			"annotation", `{"metadata":{"annotations":{"ippool-webhook/allow-delete":"true","ippool-webhook/allow-delete":"false"}}}`,
			ippool.Object{Present: true},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.want.Size = len(test.text)
			compareObjects(t, test.want, parse(t, test.text).Object)
		})
	}
}

func TestParseErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"object", `[]`, "object must be an object, not a list"},
		{"apiVersion", `{"apiVersion":1}`, "apiVersion must be a string, not a number"},
		{"kind", `{"kind":{}}`, "kind must be a string, not an object"},
		{"metadata", `{"metadata":"x"}`, "metadata must be an object, not a string"},
		{"name", `{"metadata":{"name":[]}}`, "metadata.name must be a string, not a list"},
		{"annotations", `{"metadata":{"annotations":"x"}}`, "metadata.annotations must be an object, not a string"},
		{"spec", `{"spec":false}`, "spec must be an object, not a boolean"},
		{"range", `{"spec":{"range":24}}`, "spec.range must be a string, not a number"},
		{"range, a negative number", `{"spec":{"range":-1}}`, "spec.range must be a string, not a number"},
		{"range, true", `{"spec":{"range":true}}`, "spec.range must be a string, not a boolean"},
		{"allocations", `{"spec":{"allocations":[{"id":"a"}]}}`, "spec.allocations must be an object, not a list"},
		{"allocation", `{"spec":{"allocations":{"5":"default/web-0"}}}`, "spec.allocations[5] must be an object, not a string"},
		{"id", `{"spec":{"allocations":{"5":{"id":7}}}}`, "spec.allocations[5].id must be a string, not a number"},
		{"podref", `{"spec":{"allocations":{"5":{"podref":{}}}}}`, "spec.allocations[5].podref must be a string, not an object"},
		{"ifname", `{"spec":{"allocations":{"5":{"ifname":["net1"]}}}}`, "spec.allocations[5].ifname must be a string, not a list"},
		{"first of two", `{"spec":{"allocations":{"1":{"id":"a"},"5":{"id":7},"6":{"id":8}}}}`, "spec.allocations[5].id must be a string, not a number"},
		{"long key is cut", `{"spec":{"allocations":{"` + strings.Repeat("k", 100) + `":5}}}`, "spec.allocations[" + strings.Repeat("k", 64) + "] must be an object, not a number"},
		{"one that a later value replaces, and another", `{"spec":{"allocations":{"1":5,"1":{},"2":5}}}`, "spec.allocations[2] must be an object, not a number"},
		{"good value before", `{"spec":{"range":"10.0.0.0/24","range":24}}`, "spec.range must be a string, not a number"},

		{"empty", ``, "the value at byte 0 is no JSON: EOF"},
		{"unclosed", `{"spec":{"range":"10.0.0.0/24"`, "the JSON text ends early, want a comma or }"},
		{"data after the object", `{} {}`, "data follows the JSON value, from byte 3 on"},
		{"colon forgotten in an allocation", `{"spec":{"allocations":{"5":{"id" "a"}}}}`, `unexpected '"' at byte 34, want a colon`},
		{"comma after the last allocation", `{"spec":{"allocations":{"5":{},}}}`, `unexpected '}' at byte 31, want the name of a field`},
		{"comma after the last field", `{"spec":{"allocations":{"5":{"id":"a",}}}}`, `unexpected '}' at byte 38, want the name of a field`},
		{"colon forgotten in an annotation", `{"metadata":{"annotations":{"a" 1}}}`, `unexpected '1' at byte 32, want a colon`},
		{"colon forgotten in an unknown field", `{"bogus":{"a" 1}}`, `unexpected '1' at byte 14, want a colon`},
		{"comma forgotten in an unknown list", `{"bogus":[1 2]}`, `unexpected '2' at byte 12, want a comma or ]`},
		{"too deep", `{"bogus":` + strings.Repeat("[", 10_000), `nested more than 10000 deep at byte 10008`},
		{"too deep in objects", strings.Repeat(`{"a":`, 10_001), `nested more than 10000 deep at byte 50000`},
		{"comma forgotten", `{"spec":{"allocations":{"5":{} "6":{}}}}`, `unexpected '"' at byte 31, want a comma or }`},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := (&ippool.Pool{}).Parse([]byte(test.text))
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
		`{"metadata":{"name":5},"metadata":{}}`,
		`{"metadata":{"annotations":5,"annotations":{}}}`,
		`{"kind":5,"kind":null}`,
	} {
		t.Run(text, func(t *testing.T) { parse(t, text) })
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
		{"at the root", `{"status":{}}`, fields{Unknown: []string{"status"}}},
		{"in spec", `{"spec":{"bogus":1}}`, fields{Unknown: []string{"spec.bogus"}}},
		{"in an allocation", `{"spec":{"allocations":{"5":{"bogus":1}}}}`, fields{Unknown: []string{"spec.allocations.5.bogus"}}},
		{"names are case-sensitive", `{"spec":{"allocations":{"5":{"podRef":"a"}}}}`, fields{Unknown: []string{"spec.allocations.5.podRef"}}},
		{"unknown twice", `{"spec":{"bogus":1,"bogus":2}}`, fields{Unknown: []string{"spec.bogus"}, Duplicates: []string{"spec.bogus"}}},
		{"one name in two places", `{"bogus":1,"spec":{"bogus":1}}`, fields{Unknown: []string{"bogus", "spec.bogus"}}},
		{"three times is one duplicate", `{"kind":"a","kind":"b","kind":"c"}`, fields{Duplicates: []string{"kind"}}},
		{"escaped spelling of a name", `{"spec":{"range":"a","\u0072ange":"b"}}`, fields{Duplicates: []string{"spec.range"}}},
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

func TestLess(t *testing.T) {
	want := []string{
		"0", "-0", "00", "1", "5", "+5", "05", "+05", "005", "10", "200", "9223372036854775807", "09223372036854775807",
		"", "a", "b", "-5", "1e1", "9223372036854775808",
	}
	shuffled := slices.Clone(want)
	slices.Sort(shuffled)
	slices.Reverse(shuffled)
	p := poolOfKeys(t, shuffled)
	order := make([]int, len(p.Allocations))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, p.Compare)
	var got []string
	for _, i := range order {
		got = append(got, p.Allocations[i].Key)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	for i := range p.Allocations {
		for j := range p.Allocations {
			if before := slices.Index(order, i) < slices.Index(order, j); p.Less(i, j) != before {
				t.Errorf("%q less than %q is %v", p.Allocations[i].Key, p.Allocations[j].Key, !before)
			}
		}
	}
}

func TestFindOffset(t *testing.T) {
	for name, keys := range map[string][]string{
		"sorted":   {"", "+6", "005", "05", "099999999999999999999", "1", "10", "9", "web-0"},
		"unsorted": {"9", "10", "1", "web-0", "099999999999999999999", "05", "005", "+6", ""},
	} {
		p := poolOfKeys(t, keys)
		for _, test := range []struct{ name, key, want string }{
			{"as spelled", "9", "9"},
			{"as spelled, beside a shorter alias", "005", "005"},
			{"as spelled, no number", "web-0", "web-0"},
			{"as spelled, empty", "", ""},
			{"canonical for respelled", "6", "+6"},
			{"respelled for canonical", "+010", "10"},
			{"past int64", "99999999999999999999", "099999999999999999999"},
			{"absent", "7", "none"},
			{"absent, no number", "web-1", "none"},
			{"absent, negative", "-9", "none"},
		} {
			t.Run(name+"/"+test.name, func(t *testing.T) {
				got := "none"
				if i := p.FindOffset(test.key); i != -1 {
					got = p.Allocations[i].Key
				}
				if got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
			})
		}
		t.Run(name+"/one of two aliases", func(t *testing.T) {
			if i := p.FindOffset("5"); i < 0 || ippool.Digits(p.Allocations[i].Key) != "5" {
				t.Errorf("got allocation %d, want 05 or 005", i)
			}
		})
		t.Run(name+"/Find looks for the spelling alone", func(t *testing.T) {
			if i := p.Find("5"); i != -1 {
				t.Errorf("5 is allocation %d", i)
			}
			for i := range p.Allocations {
				if got := p.Find(p.Allocations[i].Key); got != i {
					t.Errorf("%q is allocation %d, want %d", p.Allocations[i].Key, got, i)
				}
			}
		})
	}
}

func TestFindInManyUnsortedKeys(t *testing.T) {
	var keys []string
	for i := range 500 {
		keys = append(keys, fmt.Sprint((i*7919)%100003))
	}
	p := poolOfKeys(t, keys)
	if len(p.Allocations) != len(keys) {
		t.Fatalf("%d allocations, want %d", len(p.Allocations), len(keys))
	}
	for i, key := range keys {
		if got := p.Find(key); got != i {
			t.Fatalf("key %s is allocation %d, want %d", key, got, i)
		}
	}
	if got := p.Find("100004"); got != -1 {
		t.Errorf("an absent key is allocation %d", got)
	}
}

// TestReuse decodes all kinds of objects after all others with one Pool: nothing of one may show in the next.
func TestReuse(t *testing.T) {
	const entries = `"1":{"id":"a","podref":"default/web-0","ifname":"net1"},"2":{"id":"a","podref":"default/web-0","ifname":"net1"}`
	texts := []string{
		`null`, `{}`, `5`, `{"spec":{"range":5}}`, `{"spec":{"allocations":{"1":5}}}`,
		`{"apiVersion":"a","kind":"b","metadata":{"name":"c","deletionTimestamp":"d","annotations":{"ippool-webhook/allow-delete":"true"}}}`,
		`{"spec":{"range":"10.0.0.5/24","allocations":{` + entries + `}}}`,
		`{"spec":{"range":"10.0.0.0/33","allocations":{"2":{},"10":{},"1":{}}}}`,
		`{"spec":{"range":"2001:db8::/64","allocations":{"05":{"bogus":1},"5":{"bogus":1},"05":{"bogus":2,"bogus":3}},"bogus":1},"bogus":1,"spec":{}}`,
		`{"spec":{"allocations":{"05":{"podref":"default/web-0"},"1":{"podref":"default/web-0","ifname":"net2","id":7}},"allocations":{` + entries + `}}}`,
		`{"spec":{"allocations":{"1":{"id":"a"}`,
	}
	var reused ippool.Pool
	for _, before := range texts {
		for _, text := range texts {
			_ = reused.Parse([]byte(before))
			describe(&reused)
			_, fresh := reused.Parse([]byte(text)), ippool.Pool{}
			if err := fresh.Parse([]byte(text)); err != nil && strings.Contains(err.Error(), "ends early") {
				continue // of no use
			}
			compareObjects(t, fresh.Object, reused.Object)
			if diff := cmp.Diff(describe(&fresh), describe(&reused)); diff != "" {
				t.Errorf("%s after %s (-fresh +reused):\n%s", text, before, diff)
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
	var like, got ippool.Pool
	for _, likeText := range texts {
		_ = like.Parse([]byte(likeText))
		for _, text := range texts {
			var r jsonview.Reader
			r.Reset([]byte(text), &arena.Text{})
			if err := got.Decode(&r, &like); err != nil {
				t.Fatal(err)
			}
			var want ippool.Pool
			_ = want.Parse([]byte(text))
			compareObjects(t, want.Object, got.Object)
			if diff := cmp.Diff(describe(&want), describe(&got)); diff != "" {
				t.Errorf("%s like %s (-alone +like):\n%s", text, likeText, diff)
			}
			if r.Offset() != len(text) {
				t.Errorf("%s like %s: read to byte %d", text, likeText, r.Offset())
			}
		}
	}
}

// describe tells what a pool answers besides its fields.
func describe(p *ippool.Pool) []string {
	told := []string{fmt.Sprint(p.Err())}
	for _, key := range []string{"1", "5", "05", "+5", "10", "x"} {
		told = append(told, fmt.Sprint(key, p.Find(key), p.FindOffset(key) >= 0))
	}
	for _, unknown := range p.Unknown {
		told = append(told, p.Path(unknown))
	}
	for _, groups := range []*ippool.Groups{p.ByOffset(), p.ByPodRef(), p.ByPodInterface(), p.ByContainerInterface()} {
		told = append(told, fmt.Sprint(groups.Shared()))
		for i := range p.Allocations {
			told = append(told, fmt.Sprint(groups.First(i), groups.FirstOther(i)))
		}
	}
	return told
}

func TestParseAllocatesNothingForAnEntry(t *testing.T) {
	count := func(n int) float64 {
		var keys []string
		for i := range n {
			keys = append(keys, fmt.Sprint(10_000+i))
		}
		text := textOfKeys(keys)
		var p ippool.Pool
		return testing.AllocsPerRun(5, func() {
			if err := p.Parse(text); err != nil {
				t.Error(err)
			}
			p.ByPodRef()
			p.ByPodInterface()
			p.ByContainerInterface()
		})
	}
	if few, many := count(10), count(5000); many > few {
		t.Errorf("%v allocations for 5000 entries, %v for 10", many, few)
	}
}

func parse(t *testing.T, text string) *ippool.Pool {
	t.Helper()
	p := &ippool.Pool{}
	if err := p.Parse([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return p
}

// poolOfKeys returns a pool whose allocations have these keys, in this order.
func poolOfKeys(t *testing.T, keys []string) *ippool.Pool {
	t.Helper()
	return parse(t, string(textOfKeys(keys)))
}

func textOfKeys(keys []string) []byte {
	var text strings.Builder
	for i, key := range keys {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `"%s":{"id":"id-%d","podref":"default/web-%d","ifname":"net1"}`, key, i, i)
	}
	return []byte(`{"spec":{"range":"10.0.0.0/8","allocations":{` + text.String() + `}}}`)
}

func compareObjects(t *testing.T, want, got ippool.Object) {
	t.Helper()
	options := cmp.Options{
		cmpopts.EquateEmpty(),
		cmp.Comparer(func(a, b ippool.Range) bool { return a == b }),
		cmp.Comparer(func(a, b error) bool { return fmt.Sprint(a) == fmt.Sprint(b) }),
		cmpopts.IgnoreUnexported(ippool.UnknownField{}),
	}
	if diff := cmp.Diff(want, got, options); diff != "" {
		t.Errorf("object (-want +got):\n%s", diff)
	}
}
