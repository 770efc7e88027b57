package rules_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"ippool-webhook/webhook/ippool"
	"ippool-webhook/webhook/rules"
)

// TestKindsAreFieldErrors holds the kinds against those of the API server.
func TestKindsAreFieldErrors(t *testing.T) {
	for kind, want := range map[rules.Kind]field.ErrorType{
		rules.Invalid: field.ErrorTypeInvalid, rules.Required: field.ErrorTypeRequired,
		rules.Duplicate: field.ErrorTypeDuplicate, rules.Forbidden: field.ErrorTypeForbidden,
	} {
		if got := kind.Reason(); got != string(want) {
			t.Errorf("reason %s, want %s", got, want)
		}
		if got := kind.String(); got != want.String() {
			t.Errorf("kind %q, want %q", got, want)
		}
	}
}

// TestAppendMessageReadsAsAFieldError holds messages against field.Error of the API server.
func TestAppendMessageReadsAsAFieldError(t *testing.T) {
	const podref = "default/\"web\"\n\u00e9\x01"
	p := index(&ippool.Pool{Allocations: []ippool.Allocation{{Key: "5", PodRef: podref}}})
	for kind, kubernetes := range map[rules.Kind]*field.Error{
		rules.Invalid:   {Type: field.ErrorTypeInvalid, BadValue: podref},
		rules.Required:  {Type: field.ErrorTypeRequired, BadValue: podref},
		rules.Duplicate: {Type: field.ErrorTypeDuplicate, BadValue: podref},
		rules.Forbidden: {Type: field.ErrorTypeForbidden, BadValue: podref},
	} {
		t.Run(kind.String(), func(t *testing.T) {
			set := setOf(t, rules.Rule{ID: "test-rule", Detail: func(dst []byte, _ rules.Subject, _ rules.Finding) []byte {
				return append(dst, "is wrong; must be better"...)
			}})
			kubernetes.Field = field.NewPath("spec", "allocations").Key("5").Child("podref").String()
			kubernetes.Detail = "is wrong; must be better (rule test-rule)"
			f := rules.Finding{Field: rules.FieldPodRef, Kind: kind}
			got := set.Rule(f).AppendMessage([]byte("before "), rules.Subject{Pool: p}, f)
			if diff := cmp.Diff("before "+kubernetes.ErrorBody(), string(got)); diff != "" {
				t.Errorf("message (-field.Error +ours):\n%s", diff)
			}
			if diff := cmp.Diff(kubernetes.Field, string(f.AppendPath(nil, p.Pool))); diff != "" {
				t.Errorf("path (-field.Path +ours):\n%s", diff)
			}
		})
	}
}

// TestAppendMessageOfFieldValidation checks that unknown and duplicate fields read as the API server tells them.
func TestAppendMessageOfFieldValidation(t *testing.T) {
	p := parse(t, `"5":{"id":"a","id":"b","po\"dref":"c"}`)
	set := setOf(t, ruleOf(t, rules.Options{}, "unknown-field"), ruleOf(t, rules.Options{}, "duplicate-field"))
	want := []string{
		`spec.allocations.5.po"dref: unknown field "spec.allocations.5.po\"dref"`,
		`spec.allocations.5.id: duplicate field "spec.allocations.5.id"`,
	}
	if diff := cmp.Diff(want, messages(t, set, p)); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestAppendPathAndValue(t *testing.T) {
	p := parse(t, `"300":{"id":"a","podref":"default/web-0","ifname":"net1","bogus":1,"bogus":2}`)
	for _, test := range []struct {
		field       rules.Field
		path, value string
	}{
		{rules.FieldSpec, "spec", ""},
		{rules.FieldRange, "spec.range", "10.0.0.5/24"},
		{rules.FieldName, "metadata.name", "10.0.0.0-24"},
		{rules.FieldAllocations, "spec.allocations", ""},
		{rules.FieldKey, "spec.allocations[300]", "300"},
		{rules.FieldPodRef, "spec.allocations[300].podref", "default/web-0"},
		{rules.FieldID, "spec.allocations[300].id", "a"},
		{rules.FieldIfName, "spec.allocations[300].ifname", "net1"},
		{rules.FieldDuplicate, "spec.allocations.300.bogus", "spec.allocations.300.bogus"},
		{rules.FieldUnknown, "spec.allocations.300.bogus", "spec.allocations.300.bogus"},
	} {
		f := rules.Finding{Field: test.field}
		if test.field < rules.FieldKey {
			f.Item = -1
		}
		if got := string(f.AppendPath([]byte("x"), p.Pool)); got != "x"+test.path {
			t.Errorf("path %s, want %s", got, test.path)
		}
		if got := f.Value(p.Pool); got != test.value {
			t.Errorf("value of %s is %q, want %q", test.path, got, test.value)
		}
	}
}

// TestLongTextIsCut checks that no key or value can blow up a message, and that none is cut within a character.
func TestLongTextIsCut(t *testing.T) {
	const accented = "\u00e9" // two bytes
	long := strings.Repeat("k", 65)
	for _, test := range []struct{ name, text, want string }{
		{"64 bytes", long[:64], long[:64]},
		{"65 bytes", long, long[:64] + "..."},
		{"1 MiB", strings.Repeat("k", 1<<20), long[:64] + "..."},
		{"character across the limit", long[:63] + accented, long[:63] + "..."},
		{"no character at all", strings.Repeat("\x80", 100), "..."},
		{"character before the limit", long[:62] + accented + "k", long[:62] + accented + "..."},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := index(&ippool.Pool{Allocations: []ippool.Allocation{{Key: test.text, PodRef: test.text}}})
			set := setOf(t, rules.Rule{ID: "test-rule", Detail: func(dst []byte, _ rules.Subject, _ rules.Finding) []byte { return append(dst, "is long"...) }})
			f := rules.Finding{Field: rules.FieldPodRef, Kind: rules.Invalid}
			if diff := cmp.Diff(`Invalid value: "`+test.want+`": is long (rule test-rule)`, string(set.Rule(f).AppendMessage(nil, rules.Subject{Pool: p}, f))); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
			key := test.want
			if strings.ContainsFunc(test.text, func(c rune) bool { return c > '~' }) {
				key = `"` + key + `"` // quoted for not being printable ASCII
			}
			if diff := cmp.Diff("spec.allocations["+key+"].podref", string(f.AppendPath(nil, p.Pool))); diff != "" {
				t.Errorf("path (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLongFieldPathIsCut does the same for the paths of unknown fields, which are repeated further.
func TestLongFieldPathIsCut(t *testing.T) {
	set := setOf(t, ruleOf(t, rules.Options{}, "unknown-field"))
	for length, want := range map[int]string{1018: strings.Repeat("k", 1018), 1019: strings.Repeat("k", 1019), 1020: strings.Repeat("k", 1019) + "..."} {
		p := parseObject(t, `{"spec":{"`+strings.Repeat("k", length)+`":1}}`)
		f := rules.Finding{Field: rules.FieldUnknown, Kind: rules.Invalid}
		got := string(set.Rule(f).AppendMessage(nil, rules.Subject{Pool: p}, f))
		if diff := cmp.Diff(`unknown field "spec.`+want+`"`, got); diff != "" {
			t.Errorf("message of a path of %d bytes (-want +got):\n%s", length+len("spec."), diff)
		}
	}
}

func TestKeysThatAreNotPrintableAreQuoted(t *testing.T) {
	for _, test := range []struct{ key, want string }{
		{"5", "5"}, {"web-0", "web-0"}, {"a]b", "a]b"}, {"a~!", "a~!"},
		{" 5", `" 5"`}, {"a\nb", `"a\nb"`}, {"٥", `"٥"`}, {"a\x7f", `"a\x7f"`}, {"\xff", `"\xff"`},
	} {
		p := index(&ippool.Pool{Allocations: []ippool.Allocation{{Key: test.key}}})
		if got := string(rules.Finding{Field: rules.FieldKey}.AppendPath(nil, p.Pool)); got != "spec.allocations["+test.want+"]" {
			t.Errorf("path %s, want spec.allocations[%s]", got, test.want)
		}
	}
}
