package main

import (
	"bytes"
	"crypto/tls"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/yaml"

	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/rules"
)

// execute runs the command and returns what it prints.
func execute(args ...string) (string, error) {
	var out bytes.Buffer
	cmd := newCommand()
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs(args)
	err := cmd.Execute()
	return out.String(), err
}

func TestExplain(t *testing.T) {
	for _, rule := range rules.All(policy.Default().RuleOptions()) {
		t.Run(rule.ID, func(t *testing.T) {
			text, err := execute("explain", rule.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range []string{rule.ID + " (", "\nFinds: ", "\nWhy: ", "\nFix: "} {
				if !strings.Contains(text, part) {
					t.Errorf("the output does not contain %q:\n%s", part, text)
				}
			}
		})
	}
	list, err := execute("explain")
	if err != nil || strings.Count(list, "\n") != 1+len(rules.All(rules.Options{})) {
		t.Errorf("explain printed %s, %v, want a header and a line for each rule", list, err)
	}
}

func TestVersionAndCompletion(t *testing.T) {
	for args, want := range map[string]string{
		"version":                              "ippool-webhook ",
		"completion bash":                      "# bash completion V2 for ippool-webhook",
		"__complete explain podref-d":          "podref-duplicate\n",
		"--version":                            "ippool-webhook (devel), commit ",
		"__complete serve --cert-source ":      "files\nself-managed\ndev\n:4\n",
		"__complete serve --field-validation ": "Ignore\nWarn\nStrict\n:4\n",
		"__complete serve --tls-min-version ":  "VersionTLS12\nVersionTLS13\n:4\n",
		"__complete serve --zap-log-level ":    "debug\ninfo\nerror\npanic\n:4\n",
		"__complete serve --config ":           "yaml\nyml\n:8\n",
		"__complete doctor -o ":                "text\njson\n:4\n",
	} {
		if text, err := execute(strings.Split(args, " ")...); err != nil || !strings.Contains(text, want) {
			t.Errorf("%s printed %.200q, %v, want %q", args, text, err, want)
		}
	}
}

func TestWrongArguments(t *testing.T) {
	file := func(content string) string {
		path := filepath.Join(t.TempDir(), "policy.yaml")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, test := range []struct {
		name string
		args []string
		want string
	}{
		{"unknown command", []string{"guard"}, `unknown command "guard"`},
		{"mistyped command", []string{"docter"}, "unknown command \"docter\" for \"ippool-webhook\"\n\nDid you mean this?\n\tdoctor\n"},
		{"unknown rule", []string{"explain", "range"}, `no rule has the ID "range": run ippool-webhook explain to list all rules`},
		{"unknown output format", []string{"explain", "-o", "xml"}, `--output "xml" is invalid: must be text or markdown`},
		{"unknown output format of the report", []string{"doctor", "-o", "yaml"}, `--output "yaml" is invalid: must be text or json`},
		{"negative timeout", []string{"doctor", "--timeout", "-1s"}, "--timeout -1s is invalid: must be a positive duration, for example 10s"},
		{"no kubeconfig", []string{"doctor", "--kubeconfig", "/does/not/exist"}, "cannot load the kubeconfig: stat /does/not/exist: no such file or directory; set --kubeconfig or --context"},
		{"unknown flag", []string{"serve", "--tls"}, "unknown flag: --tls"},
		{"unexpected argument", []string{"serve", "now"}, `unknown command "now" for "ippool-webhook serve"`},
		{"negative port", []string{"serve", "--port", "-1"}, "--port -1 is invalid: must be from 1 to 65535"},
		{"unknown source", []string{"serve", "--cert-source", "vault"}, `--cert-source "vault" is invalid: must be dev, files or self-managed`},
		{"no kubeconfig", []string{"serve", "--cert-source", "self-managed", "--kubeconfig", "/does/not/exist"}, "--cert-source self-managed cannot connect to the API server: "},
		{"unknown field validation", []string{"serve", "--field-validation", "strict"}, `--field-validation "strict" is invalid: must be Ignore, Warn or Strict`},
		{"old TLS", []string{"serve", "--tls-min-version", "VersionTLS11"}, `--tls-min-version "VersionTLS11" is invalid: must be VersionTLS12 or VersionTLS13`},
		{"unknown cipher", []string{"serve", "--tls-cipher-suites", "ROT13"}, "--tls-cipher-suites: Cipher suite ROT13 not supported"},
		{"unknown curve", []string{"serve", "--tls-curve-preferences", "1"}, "--tls-curve-preferences: curve preference 1 is not supported"},
		{"names without a client CA", []string{"serve", "--client-allowed-names", "kube-apiserver"}, "--client-allowed-names requires --client-ca-file"},
		{"no client CA", []string{"serve", "--client-ca-file", "/does/not/exist"}, "--client-ca-file: cannot read the client CAs: open /does/not/exist"},
		{"no policy", []string{"serve", "--config", "/does/not/exist"}, "cannot read the policy: open /does/not/exist"},
		{"bad policy", []string{"serve", "--config", file("apiVersion: config.ippool-webhook/v1alpha1\nkind: Policy\nfieldValidation: Never\n")}, `is invalid: line 3: fieldValidation: Unsupported value: "Never"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			text, err := execute(test.args...)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("err = %v, want %s", err, test.want)
			}
			if !strings.Contains(text, "Error: ") || strings.Contains(text, "Usage:") {
				t.Errorf("printed\n%s\nwant only the error", text)
			}
		})
	}
}

// TestEveryLineIsLogged writes the same message so often that a sampler would drop some lines.
func TestEveryLineIsLogged(t *testing.T) {
	var out bytes.Buffer
	log := newLogger(&zap.Options{DestWriter: &out})
	for i := range 1000 {
		log.Info("denied", "uid", i)
	}
	if n := strings.Count(out.String(), `"msg":"denied"`); n != 1000 {
		t.Errorf("logged %d lines, want 1000", n)
	}
}

// TestTLSFlags checks the TLS configuration that the flags set.
func TestTLSFlags(t *testing.T) {
	o := newServeOptions()
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	o.addFlags(fs)
	args := []string{"--tls-min-version=VersionTLS13", "--tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "--tls-curve-preferences=29"}
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	changes, err := o.tls.options(logr.Discard())
	if err != nil {
		t.Fatal(err)
	}
	var got tls.Config
	for _, change := range changes {
		change(&got)
	}
	if got.MinVersion != tls.VersionTLS13 || !slices.Equal(got.CipherSuites, []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}) ||
		!slices.Equal(got.CurvePreferences, []tls.CurveID{tls.X25519}) {
		t.Errorf("minimum version %x, cipher suites %v, curves %v; want those of the flags", got.MinVersion, got.CipherSuites, got.CurvePreferences)
	}
}

// TestShippedPolicy checks that the example has the defaults.
func TestShippedPolicy(t *testing.T) {
	p, err := policy.Load("../../manifests/base/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if want := policy.Default().FieldValidation; p.FieldValidation != want {
		t.Errorf("the example has fieldValidation %s, the default is %s", p.FieldValidation, want)
	}
	if len(p.KnownFields) > 0 {
		t.Errorf("the example has knownFields %q, want no knownFields", p.KnownFields)
	}
	for _, rule := range rules.All(p.RuleOptions()) {
		if got := p.ActionOf(rule); got != rule.Action {
			t.Errorf("the example sets %s to %s, the default is %s", rule.ID, got, rule.Action)
		}
	}
}

// TestShippedPolicyIsComplete checks that the example has every top-level field of a Policy.
func TestShippedPolicyIsComplete(t *testing.T) {
	text, err := os.ReadFile("../../manifests/base/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var shown map[string]any
	if err := yaml.Unmarshal(text, &shown); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[policy.Policy]()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		want = append(want, name)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(shown))); diff != "" {
		t.Errorf("fields (-Policy +example):\n%s", diff)
	}
}

// TestDefaultsInHelp checks the defaults of flags for which the libraries would show others.
func TestDefaultsInHelp(t *testing.T) {
	help, err := execute("serve", "--help")
	if err != nil {
		t.Fatal(err)
	}
	for flag, text := range map[string]string{
		"--field-validation":      "(default fieldValidation of the Policy)",
		"--tls-curve-preferences": "(default those of Go)",
		"--zap-time-encoding":     "(default rfc3339)",
	} {
		_, line, _ := strings.Cut(help, flag+" ")
		line, _, _ = strings.Cut(line, "\n")
		if !strings.HasSuffix(line, text) {
			t.Errorf("help of %s: %q, want %q at the end", flag, line, text)
		}
	}
}

// TestRulesAreCurrent compares the documentation of the rules in README.md and docs/rules.md with the rules.
// UPDATE_GOLDEN=1 rewrites the documentation.
func TestRulesAreCurrent(t *testing.T) {
	table, err := execute("explain", "-o", "markdown")
	if err != nil {
		t.Fatal(err)
	}
	compareSection(t, "../../README.md", table)
	var all []string
	for _, rule := range rules.All(rules.Options{}) {
		one, err := execute("explain", rule.ID, "-o", "markdown")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	compareSection(t, "../../docs/rules.md", strings.Join(all, "\n"))
}

// compareSection compares the generated section of a document with the text that is generated from the rules.
func compareSection(t *testing.T, path, generated string) {
	t.Helper()
	const begin, end = "<!-- rules: begin -->\n", "<!-- rules: end -->"
	document, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(document), begin)
	_, after, found := strings.Cut(rest, end)
	if !found {
		t.Fatalf("%s does not contain %s and %s", path, begin, end)
	}
	want := before + begin + generated + end + after
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(document)); diff != "" {
		t.Errorf("%s is out of date (-want +got):\n%s\nto update it, run make generate", path, diff)
	}
}
