package codec_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ippool-webhook/webhook/codec"
)

// TestReaderReads holds what the reader gives against encoding/json.
func TestReaderReads(t *testing.T) {
	for _, text := range []string{
		`{}`, `[]`, `""`, `0`, `-1.5e3`, `true`, `null`,
		`{"a":1}`, `{"a":1,"b":[1,2,[3]],"c":{"d":{}}}`, `[[],{},[{}],[[]]]`,
		" \t\n\r{ \"a\" : 1 , \"b\" : [ 1 , 2 ] } \n",
		`{"A":1,"a":2,"":3}`,
		`{"a\u0062\n":"\"\\\/\b\f\n\r\t\u00e9"}`,
		`"é\ud83d\ude00"`, `"\ud800"`, "\"\xff\"", "\"a\xff\xc3b\xe2\x82c\"", "\"\xff\\n\"", `"é"`, `"\\\""`, `"a long string that is far longer than one word of eight bytes"`,
		`{"outer":{"inner":"last"},"after":"x"}`,
	} {
		t.Run(text, func(t *testing.T) {
			var want any
			if err := json.Unmarshal([]byte(text), &want); err != nil {
				t.Fatal(err)
			}
			got, err := read(text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("value (-encoding/json +ours):\n%s", diff)
			}
		})
	}
}

func TestReaderErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"missing colon", `{"a" 1}`, `unexpected '1' at byte 5, expected a colon`},
		{"comma for a colon", `{"a",1}`, `unexpected ',' at byte 4, expected a colon`},
		{"missing comma in an object", `{"a":1 "b":2}`, `unexpected '"' at byte 7, expected a comma or }`},
		{"missing comma in a list", `[1 2]`, `unexpected '2' at byte 3, expected a comma or ]`},
		{"missing comma after a string", `{"a":"b" "c":"d"}`, `unexpected '"' at byte 9, expected a comma or }`},
		{"missing comma between strings", `["a" "b"]`, `unexpected '"' at byte 5, expected a comma or ]`},
		{"missing comma after an object", `[{} {}]`, `unexpected '{' at byte 4, expected a comma or ]`},
		{"trailing comma in an object", `{"a":1,}`, `unexpected '}' at byte 7, expected the name of a field`},
		{"comma alone in an object", `{,}`, `unexpected ',' at byte 1, expected the name of a field`},
		{"two commas in an object", `{"a":1,,"b":2}`, `unexpected ',' at byte 7, expected the name of a field`},
		{"name without quotes", `{a:1}`, `unexpected 'a' at byte 1, expected the name of a field`},
		{"name that is a number", `{1:1}`, `unexpected '1' at byte 1, expected the name of a field`},
		{"object closed by a bracket", `{"a":1]`, `unexpected ']' at byte 6, expected a comma or }`},
		{"list closed by a brace", `[1}`, `unexpected '}' at byte 2, expected a comma or ]`},
		{"unclosed object", `{"a":1`, "the JSON text ends early, expected a comma or }"},
		{"unclosed list", `[1`, "the JSON text ends early, expected a comma or ]"},
		{"ends after the brace", `{`, "the JSON text ends early, expected the name of a field"},
		{"ends after the comma", `{"a":1, `, "the JSON text ends early, expected the name of a field"},
		{"ends after the name", `{"a"`, "the JSON text ends early, expected a colon"},
		{"unclosed inner object", `{"a":{"b":1}`, "the JSON text ends early, expected a comma or }"},
		{"data after an object", `{} {}`, "data follows the JSON value, from byte 3 on"},
		{"data after a number", `1 2`, "data follows the JSON value, from byte 2 on"},
		{"word after a number", `1x`, "data follows the JSON value, from byte 1 on"},
		{"leading zero", `[1,02]`, `unexpected '2' at byte 4, expected a comma or ]`},
		{"zero byte after an object", "{}\x00", "data follows the JSON value, from byte 2 on"},
		{"too deep in lists", strings.Repeat("[", 10_001), "nested more than 10000 deep at byte 10000"},
		{"too deep in objects", strings.Repeat(`{"a":`, 10_001), "nested more than 10000 deep at byte 50000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := read(test.text); err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

// TestReaderRefusesValues covers errors that are told in jsontext's words, after where the value begins.
func TestReaderRefusesValues(t *testing.T) {
	for _, test := range []struct {
		name, text string
		at         int
	}{
		{"nothing", ``, 0},
		{"space alone", `  `, 2},
		{"word", `nul`, 0},
		{"word in upper case", `{"a":True}`, 5},
		{"no digit after the point", `[1.]`, 1},
		{"plus sign", `+1`, 0},
		{"comma for a value", `{"a":,}`, 5},
		{"no value", `{"a":}`, 5},
		{"trailing comma in a list", `[1,]`, 3},
		{"comma alone in a list", `[,1]`, 1},
		{"list that ends after the comma", `[1,`, 3},
		{"unclosed string", `{"a":"b`, 5},
		{"unclosed name", `{"a`, 1},
		{"control character", "[\"a\nb\"]", 1},
		{"unknown escape", `["\x"]`, 1},
		{"short escape", `["\u12"]`, 1},
		{"single quotes", `{"a":'b'}`, 5},
		{"byte order mark", "\xef\xbb\xbf{}", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := read(test.text)
			if want := fmt.Sprintf("the value at byte %d is not JSON: ", test.at); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("error %v, want %s...", err, want)
			}
		})
	}
}

func TestReaderReadsAsDeepAsKubernetes(t *testing.T) {
	if _, err := read(strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)); err != nil {
		t.Error(err)
	}
}

func TestRawGivesTheTextOfAValue(t *testing.T) {
	var r codec.Reader
	r.Reset(context.Background(), []byte(`{"a": {"x": [1, 2], "x": "\u00e9"} , "b": 7}`), &codec.Text{})
	var got []string
	if r.Peek(); r.Enter() != nil {
		t.Fatal("does not enter")
	}
	for {
		name, more, err := r.Name()
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		value, err := r.Raw()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, name, string(value))
	}
	if want := []string{"a", `{"x": [1, 2], "x": "\u00e9"}`, "b", "7"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSkip(t *testing.T) {
	var r codec.Reader
	r.Reset(context.Background(), []byte(`{"a":{"b":1},"c":2}`), &codec.Text{})
	if err := r.Enter(); err != nil {
		t.Fatal(err)
	}
	if name, more, err := r.Name(); name != "a" || !more || err != nil {
		t.Fatal(name, more, err)
	}
	if rest := string(r.Rest()); rest != `{"b":1},"c":2}` {
		t.Fatalf("the rest is %s", rest)
	}
	r.Skip(len(`{"b":1}`))
	if at := r.Offset(); at != len(`{"a":{"b":1}`) {
		t.Errorf("at byte %d", at)
	}
	if name, more, err := r.Name(); name != "c" || !more || err != nil {
		t.Error(name, more, err)
	}
}

// TestReset reads after an error, as a reader that is used again does.
func TestReset(t *testing.T) {
	var r codec.Reader
	for _, text := range []string{`{"a":[1`, `nul`, `{"a":{"b":"\u0063"}}`} {
		r.Reset(context.Background(), []byte(text), &codec.Text{})
		_, _ = readValue(&r)
	}
	r.Reset(context.Background(), []byte(`{"d":"e"}`), &codec.Text{})
	if r.Offset() != 0 {
		t.Errorf("starts at byte %d", r.Offset())
	}
	got, err := readValue(&r)
	if diff := cmp.Diff(any(map[string]any{"d": "e"}), got); err != nil || diff != "" {
		t.Errorf("error %v, value (-want +got):\n%s", err, diff)
	}
}

// TestReaderStops ends the context while a long list is read.
func TestReaderStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var r codec.Reader
	r.Reset(ctx, []byte("["+strings.Repeat("1,", 1<<20)+"1]"), &codec.Text{})
	if err := r.Enter(); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if _, err := r.More(']'); err != nil {
			t.Fatal(err)
		}
		if err := r.SkipValue(); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	var err error
	for more := true; more && err == nil; {
		if more, err = r.More(']'); more {
			err = r.SkipValue()
		}
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("read to byte %d, error %v", r.Offset(), err)
	}
}

func TestSkipValue(t *testing.T) {
	for _, text := range []string{`"a"`, `"\n"`, `"é"`, `null`, `true`, `false`, `-1.5e3`, `{"a":[1,{}]}`, `[]`, ` "a"`} {
		var r codec.Reader
		r.Reset(t.Context(), []byte(text), &codec.Text{})
		if err := r.SkipValue(); err != nil || r.Offset() != len(text) {
			t.Errorf("%s: read to byte %d of %d, error %v", text, r.Offset(), len(text), err)
		}
	}
	for _, text := range []string{``, `nul`, `tru`, `"`, `"a`, `{`, `[1`} {
		var r codec.Reader
		r.Reset(t.Context(), []byte(text), &codec.Text{})
		if err := r.SkipValue(); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
}

func TestPeekAtTheEnd(t *testing.T) {
	var r codec.Reader
	r.Reset(context.Background(), []byte(" 5 "), &codec.Text{})
	if kind := r.Peek(); kind != '0' {
		t.Errorf("the number is of kind %q", kind)
	}
	if _, err := r.Raw(); err != nil {
		t.Fatal(err)
	}
	if kind := r.Peek(); kind != 0 {
		t.Errorf("the end is of kind %q", kind)
	}
}

func TestKindName(t *testing.T) {
	for text, want := range map[string]string{
		`{}`: "an object", `[]`: "a list", `""`: "a string", `0`: "a number", `-1`: "a number", `9`: "a number", `true`: "a boolean", `false`: "a boolean",
	} {
		var r codec.Reader
		r.Reset(context.Background(), []byte(text), &codec.Text{})
		if got := codec.KindName(r.Peek()); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

// FuzzReader holds the reader against encoding/json: both take the same texts and read the same from them.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		`{"a":1,"b":[1,2,{"c":"\u00e9"}]}`, `{"a":1,}`, `[1,]`, `{"a" 1}`, `{} {}`, " [ ] ", `"\ud800"`, "\"\xff\"", `nul`, `-0.5e1`, `01`, `{`, `[`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := read(string(text))
		if valid := json.Valid(text); valid != (err == nil) {
			t.Fatalf("error %v, encoding/json takes it: %v", err, valid)
		}
		var want any
		if err != nil || json.Unmarshal(text, &want) != nil {
			return // a number past float64 is JSON, and encoding/json does not read it
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("value (-encoding/json +ours):\n%s", diff)
		}
	})
}

// read reads a JSON text with a Reader in the way that decoders do.
func read(text string) (any, error) {
	var r codec.Reader
	r.Reset(context.Background(), []byte(text), &codec.Text{})
	value, err := readValue(&r)
	if err != nil {
		return nil, err
	}
	return value, r.Close()
}

func readValue(r *codec.Reader) (any, error) {
	switch r.Peek() {
	case '{':
		return readObject(r)
	case '[':
		return readList(r)
	case '"':
		return r.Text()
	default:
		raw, err := r.Raw()
		if err != nil {
			return nil, err
		}
		var value any
		_ = json.Unmarshal(raw, &value) // fails for a number past float64 alone
		return value, nil
	}
}

func readObject(r *codec.Reader) (any, error) {
	if err := r.Enter(); err != nil {
		return nil, err
	}
	object := map[string]any{}
	for {
		name, more, err := r.Name()
		if err != nil || !more {
			return object, err
		}
		if object[name], err = readValue(r); err != nil {
			return nil, err
		}
	}
}

func readList(r *codec.Reader) (any, error) {
	if err := r.Enter(); err != nil {
		return nil, err
	}
	list := []any{}
	for {
		more, err := r.More(']')
		if err != nil || !more {
			return list, err
		}
		element, err := readValue(r)
		if err != nil {
			return nil, err
		}
		list = append(list, element)
	}
}
