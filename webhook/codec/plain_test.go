package codec

import (
	"strings"
	"testing"
)

func TestCutPlain(t *testing.T) {
	for _, test := range []struct {
		name, text, inside, rest string
		ok                       bool
	}{
		{"empty string", `""`, "", "", true},
		{"short", `"net1",`, "net1", ",", true},
		{"seven bytes", `"1234567"x`, "1234567", "x", true},
		{"eight bytes", `"12345678"x`, "12345678", "x", true},
		{"nine bytes", `"123456789"x`, "123456789", "x", true},
		{"all of printable ASCII", `"` + printable() + `"`, printable(), "", true},
		{"rest is not looked at", "\"a\"\"\\\xff\x00", "a", "\"\\\xff\x00", true},

		{"nothing", ``, "", "", false},
		{"no quote", `net1"`, "", "", false},
		{"quote alone", `"`, "", "", false},
		{"unclosed", `"net1`, "", "", false},
		{"unclosed, eight bytes", `"12345678`, "", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			inside, rest, ok := cutPlain([]byte(test.text))
			if ok != test.ok {
				t.Fatalf("ok is %v, want %v", ok, test.ok)
			}
			if ok && (string(inside) != test.inside || string(rest) != test.rest) {
				t.Errorf("got %q and %q, want %q and %q", inside, rest, test.inside, test.rest)
			}
		})
	}
}

// TestCutPlainLooksAtEveryByte puts every byte at every place of strings of up to two words and a half, among bytes that
// are just below and above the special ones.
func TestCutPlainLooksAtEveryByte(t *testing.T) {
	for _, filler := range []string{"a", "!", "#", "[", "]", " ", "\x7f"} {
		for length := 1; length <= 20; length++ {
			text := []byte(`"` + strings.Repeat(filler, length) + `"`)
			for at := 1; at <= length; at++ {
				for c := range 256 {
					text[at] = byte(c)
					compareWithNaive(t, text)
				}
				text[at] = filler[0]
			}
		}
	}
}

// FuzzCutPlain holds cutPlain against a loop over the bytes.
func FuzzCutPlain(f *testing.F) {
	for _, seed := range []string{``, `"`, `""`, `"net1"`, `"12345678"`, `"1234567\"x"`, "\"a\x1fb\"", "\"!!!!!!!\x80\"", "\"caf\u00e9\"", `"]]]]]]]["`, "\"#\"\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(compareWithNaive)
}

func compareWithNaive(t *testing.T, text []byte) {
	t.Helper()
	inside, rest, ok := cutPlain(text)
	wantInside, wantRest, wantOK := cutNaively(text)
	if ok != wantOK {
		t.Fatalf("%q: ok is %v, want %v", text, ok, wantOK)
	}
	if ok && (string(inside) != string(wantInside) || string(rest) != string(wantRest)) {
		t.Fatalf("%q: got %q and %q, want %q and %q", text, inside, rest, wantInside, wantRest)
	}
}

func cutNaively(text []byte) (inside, rest []byte, ok bool) {
	if len(text) == 0 || text[0] != '"' {
		return nil, nil, false
	}
	for i, c := range text[1:] {
		switch {
		case c == '"':
			return text[1 : 1+i], text[2+i:], true
		case c < ' ' || c >= 0x80 || c == '\\':
			return nil, nil, false
		}
	}
	return nil, nil, false
}

// printable returns the characters of ASCII that need no escape in JSON.
func printable() string {
	var s strings.Builder
	for c := byte(' '); c <= '~'; c++ {
		if c != '"' && c != '\\' {
			s.WriteByte(c)
		}
	}
	return s.String()
}
