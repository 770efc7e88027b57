package ippool_test

import (
	"math"
	"math/big"
	"regexp"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ippool-webhook/webhook/ippool"
)

func TestParseOffset(t *testing.T) {
	for _, test := range []struct {
		key       string
		want      ippool.Offset
		canonical string
	}{
		{"0", ippool.Offset{Value: 0, CanonicalLength: 1, Readable: true, Canonical: true}, "0"},
		{"5", ippool.Offset{Value: 5, CanonicalLength: 1, Readable: true, Canonical: true}, "5"},
		{"10", ippool.Offset{Value: 10, CanonicalLength: 2, Readable: true, Canonical: true}, "10"},
		{"9223372036854775807", ippool.Offset{Value: math.MaxInt64, CanonicalLength: 19, Readable: true, Canonical: true}, "9223372036854775807"},

		{"05", ippool.Offset{Value: 5, CanonicalLength: 1, Readable: true}, "5"},
		{"+5", ippool.Offset{Value: 5, CanonicalLength: 1, Readable: true}, "5"},
		{"+005", ippool.Offset{Value: 5, CanonicalLength: 1, Readable: true}, "5"},
		{"00", ippool.Offset{Value: 0, CanonicalLength: 1, Readable: true}, "0"},
		{"-0", ippool.Offset{Value: 0, CanonicalLength: 1, Readable: true}, "0"},
		{"-00", ippool.Offset{Value: 0, CanonicalLength: 1, Readable: true}, "0"},
		{"0000000000000000000000000000005", ippool.Offset{Value: 5, CanonicalLength: 1, Readable: true}, "5"},
		{"009223372036854775807", ippool.Offset{Value: math.MaxInt64, CanonicalLength: 19, Readable: true}, "9223372036854775807"},

		{"", ippool.Offset{}, ""},
		{"+", ippool.Offset{}, ""},
		{"-", ippool.Offset{}, ""},
		{"-5", ippool.Offset{}, ""},
		{"-05", ippool.Offset{}, ""},
		{"++5", ippool.Offset{}, ""},
		{" 5", ippool.Offset{}, ""},
		{"5 ", ippool.Offset{}, ""},
		{"5.0", ippool.Offset{}, ""},
		{"1e1", ippool.Offset{}, ""},
		{"0x10", ippool.Offset{}, ""},
		{"1_0", ippool.Offset{}, ""},
		{"٥", ippool.Offset{}, ""},
		{"web-0", ippool.Offset{}, ""},
	} {
		t.Run(test.key, func(t *testing.T) {
			if diff := cmp.Diff(test.want, ippool.ParseOffset(test.key)); diff != "" {
				t.Errorf("offset (-want +got):\n%s", diff)
			}
			if got := canonicalKey(test.key); got != test.canonical {
				t.Errorf("canonical key %q, want %q", got, test.canonical)
			}
		})
	}
}

// TestParseOffsetPastInt64 covers canonical keys that Whereabouts cannot read.
func TestParseOffsetPastInt64(t *testing.T) {
	for _, key := range []string{"9223372036854775808", "9999999999999999999", "18446744073709551621", "100000000000000000000"} {
		t.Run(key, func(t *testing.T) {
			offset := ippool.ParseOffset(key)
			if offset.Readable || !offset.Canonical {
				t.Errorf("readable %v, canonical %v, want canonical alone", offset.Readable, offset.Canonical)
			}
			if got := canonicalKey("+0" + key); got != key {
				t.Errorf("canonical form of +0%s is %s", key, got)
			}
		})
	}
}

// FuzzParseOffset holds ParseOffset against strconv.ParseInt, with which Whereabouts reads offsets, and the canonical key against
// math/big.
func FuzzParseOffset(f *testing.F) {
	for _, seed := range []string{
		"0", "5", "05", "+5", "-5", "-0", "+00", "", "+", "-", " 5", "1e1", "0x10", "1_0", "5.0", "٥", "web-0",
		"9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551616", "0009223372036854775807",
	} {
		f.Add(seed)
	}
	canonical := regexp.MustCompile(`^(0|[1-9][0-9]*)$`)
	f.Fuzz(func(t *testing.T, key string) {
		got := ippool.ParseOffset(key)
		value, err := strconv.ParseInt(key, 10, 64)
		if want := err == nil && value >= 0; got.Readable != want {
			t.Fatalf("readable is %v, strconv has %d, %v", got.Readable, value, err)
		}
		if got.Readable && got.Value != uint64(value) {
			t.Errorf("value %d, strconv has %d", got.Value, value)
		}
		if want := canonical.MatchString(key); got.Canonical != want {
			t.Errorf("canonical is %v, want %v", got.Canonical, want)
		}
		compareCanonical(t, key)
	})
}

func compareCanonical(t *testing.T, key string) {
	t.Helper()
	want := ""
	if regexp.MustCompile(`^[+-]?[0-9]+$`).MatchString(key) {
		if number, ok := new(big.Int).SetString(key, 10); ok && number.Sign() >= 0 {
			want = number.String()
		}
	}
	got := canonicalKey(key)
	if got != want {
		t.Errorf("canonical key %q, math/big has %q", got, want)
	}
	if again := canonicalKey(got); again != got {
		t.Errorf("canonical form of the canonical key %q is %q", got, again)
	}
}

func canonicalKey(key string) string {
	a := ippool.Allocation{Key: key, Offset: ippool.ParseOffset(key)}
	return a.CanonicalKey()
}
