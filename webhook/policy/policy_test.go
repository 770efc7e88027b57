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
			"Off without quotes, which YAML 1.1 reads as a boolean", head + "rules: {id-required: {action: Off}}\n",
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
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "is empty: must be an object with apiVersion: config.ippool-webhook/v1alpha1 and kind: Policy"},
		{"empty object", "{}", "apiVersion: Required value: must be config.ippool-webhook/v1alpha1|kind: Required value: must be Policy"},
		{"another kind", "apiVersion: v1\nkind: ConfigMap\n", `line 1: apiVersion: Unsupported value: "v1": supported values: "config.ippool-webhook/v1alpha1"|line 2: kind: Unsupported value: "ConfigMap": supported values: "Policy"`},
		{"later version", "apiVersion: config.ippool-webhook/v1\nkind: Policy\n", `line 1: apiVersion: Unsupported value: "config.ippool-webhook/v1": supported values: "config.ippool-webhook/v1alpha1"`},
		{"two documents", head + "---\n" + head, "line 4: must have only one YAML document, a Policy"},

		{"unknown field", head + "bogus: 1\n", `line 3: unknown field "bogus"`},
		{"field of an earlier version", head + "trustedWriters: {usernames: [jane]}\n", `line 3: unknown field "trustedWriters"`},
		{"wrong type", head + "knownFields: 5\n", `line 3: knownFields: Invalid value: "5": must be a list such as [spec.gateway]`},
		{"unknown field in other letters", head + "FieldValidation: Strict\n", `line 3: unknown field "FieldValidation"`},
		{"unknown field of a rule", head + "rules: {id-required: {bogus: 1}}\n", `line 3: unknown field "rules.id-required.bogus"`},

		{"bad action", head + "rules: {id-required: {action: Block}}\n", `line 3: rules.id-required.action: Unsupported value: "Block": supported values: "Deny", "Warn", "Audit", "Off"`},
		{"action in other letters", head + "rules: {id-required: {action: deny}}\n", `line 3: rules.id-required.action: Unsupported value: "deny": supported values: "Deny", "Warn", "Audit", "Off"`},
		{"action of unknown-field", head + "rules: {unknown-field: {action: Warn}}\n", "line 3: rules.unknown-field.action: Forbidden: must be absent; set fieldValidation instead"},
		{"action of duplicate-field", head + "rules: {duplicate-field: {action: Block}}\n", "line 3: rules.duplicate-field.action: Forbidden: must be absent; set fieldValidation instead"},
		{"scope elsewhere", head + "rules: {id-duplicate: {scope: Pod}}\n", "line 3: rules.id-duplicate.scope: Forbidden: must be absent; only podref-duplicate has a scope"},
		{"bad scope", head + "rules: {podref-duplicate: {scope: pod}}\n", `line 3: rules.podref-duplicate.scope: Unsupported value: "pod": supported values: "Interface", "Pod"`},
		{"bad known fields", head + "knownFields: [spec.gateway, spec.a.b, '']\n", `line 3: knownFields[1]: Invalid value: "spec.a.b": must be NAME, spec.NAME or spec.allocations.*.NAME|line 3: knownFields[2]: Invalid value: "": must be NAME, spec.NAME or spec.allocations.*.NAME`},
		{"bad field validation", head + "fieldValidation: strict\n", `line 3: fieldValidation: Unsupported value: "strict": supported values: "Ignore", "Warn", "Strict"`},

		{"comment alone", "# nothing yet\n", "is empty: must be an object with apiVersion: config.ippool-webhook/v1alpha1 and kind: Policy"},
		{"a list", "- " + head, "yaml: line 1: did not find expected '-' indicator"},
		{"text", "Policy", "line 1: must be an object with apiVersion: config.ippool-webhook/v1alpha1 and kind: Policy"},
		{"not YAML", head + "rules: {", "yaml: line 3: did not find expected node content"},
		{"not UTF-8", head + "rules: \xff", "yaml: invalid leading UTF-8 octet"},
		{"key twice", head + "kind: Policy\n", `line 3: mapping key "kind" already defined at line 2`},
		{"rule twice", head + "rules: {id-required: {action: Deny}, id-required: {action: Warn}}\n", `line 3: mapping key "id-required" already defined at line 3`},
		{"list for rules", head + "rules: [id-required]\n", `line 3: rules: Invalid value: "array": must be an object such as {range-syntax: {action: Audit}}`},
		{"text for a rule", head + "rules: {id-required: Warn}\n", `line 3: rules.id-required: Invalid value: "Warn": must be an object such as {action: Audit}`},
		{"number for an action", head + "rules: {id-required: {action: 5}}\n", `line 3: rules.id-required.action: Invalid value: "5": must be Deny, Warn, Audit or Off`},
		{"number for a known field", head + "knownFields: [5]\n", `line 3: knownFields[0]: Invalid value: "5": must be a string such as spec.gateway`},
		{"text for known fields", head + "knownFields: spec.gateway\n", `line 3: knownFields: Invalid value: "spec.gateway": must be a list such as [spec.gateway]`},
		{"number for field validation", head + "fieldValidation: 5\n", `line 3: fieldValidation: Invalid value: "5": must be Ignore, Warn or Strict`},
		{"document after an end mark", head + "...\nfieldValidation: Strict\n", "yaml: line 3: did not find expected <document start>"},
		{"two JSON objects", `{"apiVersion": "config.ippool-webhook/v1alpha1", "kind": "Policy"} {"fieldValidation": "Strict"}`, "yaml: did not find expected <document start>"},
		{"document on the line of its mark", head + "--- {fieldValidation: Strict}\n", "line 3: must have only one YAML document, a Policy"},
		{
			"lines of a longer file", "# Copyright\n---\n" + head + "rules:\n  id-required:\n    action: Block\n  range-syntax: Audit\n",
			`line 8: rules.range-syntax: Invalid value: "Audit": must be an object such as {action: Audit}`,
		},
		{
			"all at once", "kind: Policy\nbogus: 1\nrules: {podref-duplicate: {action: Block, scope: Node}, id-required: {scope: Pod, action: None}}\n" +
				"fieldValidation: None\n",
			"apiVersion: Required value: must be config.ippool-webhook/v1alpha1|" +
				`line 2: unknown field "bogus"|` +
				`line 3: rules.id-required.action: Unsupported value: "None": supported values: "Deny", "Warn", "Audit", "Off"|` +
				"line 3: rules.id-required.scope: Forbidden: must be absent; only podref-duplicate has a scope|" +
				`line 3: rules.podref-duplicate.action: Unsupported value: "Block": supported values: "Deny", "Warn", "Audit", "Off"|` +
				`line 3: rules.podref-duplicate.scope: Unsupported value: "Node": supported values: "Interface", "Pod"|` +
				`line 4: fieldValidation: Unsupported value: "None": supported values: "Ignore", "Warn", "Strict"`,
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

// TestParseNamesEveryUnknownRule checks that an unknown rule hides no other mistake. It leaves out the long list of rules.
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
		`line 3: rules.id-duplicates: Unsupported value: "id-duplicates"`, `line 3: rules.offset-alais: Unsupported value: "offset-alais"`,
		`line 3: rules.range-syntax.action: Unsupported value: "Block"`,
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
	if want := "policy " + path + ` is invalid: line 3: fieldValidation: Unsupported value: "None": supported values: "Ignore", "Warn", "Strict"`; err == nil || err.Error() != want {
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

// TestBareOff reads actions that YAML 1.1 reads as booleans: Off is valid, On is not.
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
