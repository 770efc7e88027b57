package policy_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/rules"
)

// head is what every configuration file begins with.
const head = "apiVersion: config.ippool-webhook/v1alpha1\nkind: Policy\n"

func TestDefault(t *testing.T) {
	want := &policy.Policy{
		APIVersion: "config.ippool-webhook/v1alpha1", Kind: "Policy", FieldValidation: policy.Ignore,
	}
	if diff := cmp.Diff(want, policy.Default()); diff != "" {
		t.Errorf("default (-want +got):\n%s", diff)
	}
	if scope := policy.Default().RuleOptions().PodRefDuplicateScope; scope != rules.ScopeInterface {
		t.Errorf("scope of podref-duplicate %q, want Interface", scope)
	}
	for _, rule := range rules.All(policy.Default().RuleOptions()) {
		if got := policy.Default().ActionOf(rule); got != rule.Action {
			t.Errorf("action of %s %v, want its own, %v", rule.ID, got, rule.Action)
		}
	}
}

func TestParse(t *testing.T) {
	with := func(change func(*policy.Policy)) *policy.Policy {
		p := policy.Default()
		change(p)
		return p
	}
	for _, test := range []struct {
		name, text string
		want       *policy.Policy
	}{
		{"nothing set", head, policy.Default()},
		{"JSON", `{"apiVersion": "config.ippool-webhook/v1alpha1", "kind": "Policy"}`, policy.Default()},
		{"document marks", "---\n" + head + "---\n", policy.Default()},
		{"licence before the document mark", "# Copyright\n---\n" + head, policy.Default()},
		{"comment after the document", head + "---\n# That is all.\n", policy.Default()},
		{"empty values", head + "rules: {}\nfieldValidation: ''\n", with(func(p *policy.Policy) { p.Rules = map[string]policy.RuleSettings{} })},
		{"null values", head + "rules:\nfieldValidation:\n", policy.Default()},
		{"field validation", head + "fieldValidation: Strict\n", with(func(p *policy.Policy) { p.FieldValidation = policy.Strict })},
		{
			"known fields", head + "knownFields: [spec.gateway, 'spec.allocations.*.owner', extra]\n",
			with(func(p *policy.Policy) { p.KnownFields = []string{"spec.gateway", "spec.allocations.*.owner", "extra"} }),
		},
		{
			"rules", head + "rules:\n  offset-reserved: {action: Deny}\n  id-required: {action: Audit}\n  podref-duplicate: {action: Warn, scope: Pod}\n",
			with(func(p *policy.Policy) {
				p.Rules = map[string]policy.RuleSettings{
					"offset-reserved": {Action: "Deny"}, "id-required": {Action: "Audit"}, "podref-duplicate": {Action: "Warn", Scope: rules.ScopePod},
				}
			}),
		},
		{
			"Off without quotes, which YAML 1.1 takes for a boolean", head + "rules: {id-required: {action: Off}}\n",
			with(func(p *policy.Policy) { p.Rules = map[string]policy.RuleSettings{"id-required": {Action: "Off"}} }),
		},
		{
			"Off in quotes", head + "rules: {id-required: {action: \"Off\"}}\n",
			with(func(p *policy.Policy) { p.Rules = map[string]policy.RuleSettings{"id-required": {Action: "Off"}} }),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := policy.Parse([]byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("policy (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseMistakes(t *testing.T) {
	const wrongHead = "apiVersion: Required value: want config.ippool-webhook/v1alpha1|kind: Required value: want Policy"
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "is empty, want apiVersion: config.ippool-webhook/v1alpha1 and kind: Policy"},
		{"empty object", "{}", wrongHead},
		{"another kind", "apiVersion: v1\nkind: ConfigMap\n", `apiVersion: Unsupported value: "v1": supported values: "config.ippool-webhook/v1alpha1"|kind: Unsupported value: "ConfigMap": supported values: "Policy"`},
		{"later version", "apiVersion: config.ippool-webhook/v1\nkind: Policy\n", `apiVersion: Unsupported value: "config.ippool-webhook/v1": supported values: "config.ippool-webhook/v1alpha1"`},
		{"two documents", head + "---\n" + head, "has more than one YAML document, want one Policy"},

		{"unknown field", head + "bogus: 1\n", `unknown field "bogus"`},
		{"field of an earlier version", head + "trustedWriters: {usernames: [jane]}\n", `unknown field "trustedWriters"`},
		{"wrong type", head + "knownFields: 5\n", "knownFields: want []string, not number"},
		{"unknown field in other letters", head + "FieldValidation: Strict\n", `unknown field "FieldValidation"`},
		{"unknown field of a rule", head + "rules: {id-required: {bogus: 1}}\n", `unknown field "rules.id-required.bogus"`},

		{"bad action", head + "rules: {id-required: {action: Block}}\n", `rules.id-required.action: Unsupported value: "Block": supported values: "Deny", "Warn", "Audit", "Off"`},
		{"action in other letters", head + "rules: {id-required: {action: deny}}\n", `rules.id-required.action: Unsupported value: "deny": supported values: "Deny", "Warn", "Audit", "Off"`},
		{"action of unknown-field", head + "rules: {unknown-field: {action: Warn}}\n", "rules.unknown-field.action: Forbidden: field validation decides; set fieldValidation instead"},
		{"action of duplicate-field", head + "rules: {duplicate-field: {action: Block}}\n", "rules.duplicate-field.action: Forbidden: field validation decides; set fieldValidation instead"},
		{"scope elsewhere", head + "rules: {id-duplicate: {scope: Pod}}\n", "rules.id-duplicate.scope: Forbidden: only podref-duplicate has a scope"},
		{"bad scope", head + "rules: {podref-duplicate: {scope: pod}}\n", `rules.podref-duplicate.scope: Unsupported value: "pod": supported values: "Interface", "Pod"`},
		{"bad known fields", head + "knownFields: [spec.gateway, spec.a.b, '']\n", `knownFields[1]: Invalid value: "spec.a.b": must be NAME, spec.NAME or spec.allocations.*.NAME|knownFields[2]: Invalid value: "": must be NAME, spec.NAME or spec.allocations.*.NAME`},
		{"bad field validation", head + "fieldValidation: strict\n", `fieldValidation: Unsupported value: "strict": supported values: "Ignore", "Warn", "Strict"`},
		{
			"all at once", "kind: Policy\nbogus: 1\nrules: {podref-duplicate: {action: Block, scope: Node}, id-required: {scope: Pod, action: None}}\n" +
				"fieldValidation: None\n",
			`unknown field "bogus"|` +
				"apiVersion: Required value: want config.ippool-webhook/v1alpha1|" +
				`rules.id-required.action: Unsupported value: "None": supported values: "Deny", "Warn", "Audit", "Off"|` +
				"rules.id-required.scope: Forbidden: only podref-duplicate has a scope|" +
				`rules.podref-duplicate.action: Unsupported value: "Block": supported values: "Deny", "Warn", "Audit", "Off"|` +
				`rules.podref-duplicate.scope: Unsupported value: "Node": supported values: "Interface", "Pod"|` +
				`fieldValidation: Unsupported value: "None": supported values: "Ignore", "Warn", "Strict"`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := policy.Parse([]byte(test.text))
			if err == nil {
				t.Fatalf("accepted as %+v", p)
			}
			if diff := cmp.Diff(strings.Split(test.want, "|"), mistakes(err)); diff != "" {
				t.Errorf("mistakes (-want +got):\n%s", diff)
			}
		})
	}
}

// TestParseRefuses covers mistakes that are told in the words of a library.
func TestParseRefuses(t *testing.T) {
	for _, test := range []struct{ name, text, says string }{
		{"comment alone", "# nothing yet\n", "Policy"},
		{"a list", "- " + head, ""},
		{"text", "Policy", ""},
		{"not YAML", head + "rules: {", "line"},
		{"not UTF-8", head + "rules: \xff", ""},
		{"key twice", head + "kind: Policy\n", `"kind"`},
		{"rule twice", head + "rules: {id-required: {action: Deny}, id-required: {action: Warn}}\n", `"id-required"`},
		{"unknown rule", head + "rules: {offset-alais: {action: Warn}}\n", `rules: Unsupported value: "offset-alais": supported values: "allocation-edited", "allocation-moved", "allocation-reassigned", "bulk-release", `},
		{"list for rules", head + "rules: [id-required]\n", "rules"},
		{"text for a rule", head + "rules: {id-required: Warn}\n", "rules"},
		{"number for an action", head + "rules: {id-required: {action: 5}}\n", "rules.action"},
		{"number for a known field", head + "knownFields: [5]\n", "knownFields"},
		{"text for known fields", head + "knownFields: spec.gateway\n", "knownFields"},
		{"number for field validation", head + "fieldValidation: 5\n", "fieldValidation"},
		{"document after an end mark", head + "...\nfieldValidation: Strict\n", ""},
		{"two JSON objects", `{"apiVersion": "config.ippool-webhook/v1alpha1", "kind": "Policy"} {"fieldValidation": "Strict"}`, ""},
		{"document on the line of its mark", head + "--- {fieldValidation: Strict}\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := policy.Parse([]byte(test.text))
			if err == nil {
				t.Fatalf("accepted as %+v", p)
			}
			if !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %q does not say %q", err, test.says)
			}
		})
	}
}

// TestParseNamesEveryUnknownRule checks that an unknown rule hides no other mistake; the rules that there are is a long list.
func TestParseNamesEveryUnknownRule(t *testing.T) {
	_, err := policy.Parse([]byte(head + "rules: {id-duplicates: {action: Warn}, offset-alais: {action: Warn}, range-syntax: {action: Block}}\n"))
	if err == nil {
		t.Fatal("accepted")
	}
	var got []string
	for _, mistake := range mistakes(err) {
		told, _, _ := strings.Cut(mistake, ": supported values")
		got = append(got, told)
	}
	want := []string{
		`rules: Unsupported value: "id-duplicates"`, `rules: Unsupported value: "offset-alais"`, `rules.range-syntax.action: Unsupported value: "Block"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.yaml")
	if _, err := policy.Load(path); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "cannot read the policy: ") {
		t.Errorf("error of a missing file: %v", err)
	}
	write(t, path, head+"fieldValidation: None\n")
	_, err := policy.Load(path)
	if want := "policy " + path + ` is refused: fieldValidation: Unsupported value: "None": supported values: "Ignore", "Warn", "Strict"`; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	write(t, path, head+"fieldValidation: Warn\n")
	p, err := policy.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if p.FieldValidation != policy.Warn {
		t.Errorf("field validation %q, want Warn", p.FieldValidation)
	}
}

func TestActionOf(t *testing.T) {
	p := policy.Default()
	p.Rules = map[string]policy.RuleSettings{"changed": {Action: "Audit"}, "off": {Action: "Off"}, "kept": {Scope: rules.ScopePod}}
	for _, test := range []struct {
		id   string
		want rules.Action
	}{{"changed", rules.Audit}, {"off", rules.Off}, {"kept", rules.Deny}, {"not named", rules.Deny}} {
		if got := p.ActionOf(rules.Rule{ID: test.id, Action: rules.Deny}); got != test.want {
			t.Errorf("action of the rule that is %s: %v, want %v", test.id, got, test.want)
		}
	}
}

func TestRuleOptions(t *testing.T) {
	for text, want := range map[string]rules.PodRefScope{
		head: rules.ScopeInterface, head + "rules: {podref-duplicate: {scope: Interface}}\n": rules.ScopeInterface,
		head + "rules: {podref-duplicate: {action: Warn}}\n": rules.ScopeInterface, head + "rules: {podref-duplicate: {scope: Pod}}\n": rules.ScopePod,
	} {
		p, err := policy.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.RuleOptions().PodRefDuplicateScope; got != want {
			t.Errorf("%q: scope %q, want %q", text, got, want)
		}
	}
}

func TestFieldValidationAction(t *testing.T) {
	for level, want := range map[policy.FieldValidation]rules.Action{
		policy.Ignore: rules.Off, policy.Warn: rules.Warn, policy.Strict: rules.Deny, "": rules.Warn, "strict": rules.Warn,
	} {
		if got := level.Action(); got != want {
			t.Errorf("%q means %v, want %v", level, got, want)
		}
	}
}

// FuzzParse checks that what is accepted is whole, and reads the same again.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", head, head + "fieldValidation: Strict\n", head + "knownFields: [spec.gateway, '']\n",
		head + "rules:\n  podref-duplicate: {action: Warn, scope: Pod}\n", head + "rules: {id-required: {action: Off}}\n", "# licence\n---\n" + head,
		head + "---\n" + head, head + "bogus: 1\n", "{", "- a\n", "\xff", `{"apiVersion":"config.ippool-webhook/v1alpha1","kind":"Policy"}`, "a: &a [*a]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := policy.Parse(text)
		if err != nil {
			if p != nil {
				t.Errorf("%+v beside error %v", p, err)
			}
			return
		}
		if p.APIVersion != policy.APIVersion || p.Kind != policy.Kind {
			t.Errorf("%q of %q", p.Kind, p.APIVersion)
		}
		if v := p.FieldValidation; v != policy.Ignore && v != policy.Warn && v != policy.Strict {
			t.Errorf("field validation %q", v)
		}
		if s := p.RuleOptions().PodRefDuplicateScope; s != rules.ScopeInterface && s != rules.ScopePod {
			t.Errorf("scope %q", s)
		}
		for id, settings := range p.Rules {
			if _, ok := rules.ParseAction(string(settings.Action)); settings.Action != "" && !ok {
				t.Errorf("action of %s %q", id, settings.Action)
			}
		}
	})
}

// mistakes lists the errors that err joins.
func mistakes(err error) []string {
	joined, ok := err.(interface{ Errors() []error })
	if !ok {
		return []string{err.Error()}
	}
	var told []string
	for _, mistake := range joined.Errors() {
		told = append(told, mistake.Error())
	}
	return told
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestBareOff reads an action that YAML takes for a boolean, and one that nobody can mean.
func TestBareOff(t *testing.T) {
	const head = "apiVersion: config.ippool-webhook/v1alpha1\nkind: Policy\nrules:\n  id-required:\n    action: "
	p, err := policy.Parse([]byte(head + "Off\n"))
	if err != nil || p.Rules["id-required"].Action != "Off" {
		t.Errorf("Off is read as %+v, %v", p, err)
	}
	if _, err := policy.Parse([]byte(head + "On\n")); err == nil || !strings.Contains(err.Error(), `rules.id-required.action: Unsupported value: "On"`) {
		t.Errorf("On is read with err = %v", err)
	}
}
