package doctor

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ippool-webhook/test/environment"
)

// TestNotExamined checks that doctor exits with code 2 and the cause if it cannot examine the cluster.
func TestNotExamined(t *testing.T) {
	nobody, err := environment.FreeAddress("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	kubeconfig := func(change func(string) string) string {
		text, err := os.ReadFile(suite.jane)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "kubeconfig")
		if err := os.WriteFile(path, []byte(change(string(text))), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, test := range []struct {
		name string
		args []string
		want string
	}{
		{"unknown flag", []string{"--fix"}, "unknown flag: --fix"},
		{"argument", []string{"now"}, `unknown command "now"`},
		{"unknown form", []string{"-o", "yaml"}, `--output "yaml" is invalid: must be text or json`},
		{"no time", []string{"--timeout", "0s"}, "--timeout 0s is invalid"},
		{"no kubeconfig", nil, "cannot load the kubeconfig: "},
		{"no such kubeconfig", []string{"--kubeconfig", "/does/not/exist"}, "/does/not/exist"},
		{"no such context", []string{"--kubeconfig", suite.jane, "--context", "production"}, `context "production" does not exist`},
		{"not a kubeconfig", []string{"--kubeconfig", kubeconfig(func(string) string { return "x: [" })}, "cannot load the kubeconfig: "},
		{"no API server", []string{"--kubeconfig", kubeconfig(func(s string) string {
			return regexp.MustCompile(`server: .*`).ReplaceAllString(s, "server: https://"+nobody)
		})}, "cannot query the API server: "},
		{"API server that does not authenticate the user", []string{"--kubeconfig", kubeconfig(func(s string) string {
			before, _, _ := strings.Cut(s, "client-certificate-data:")
			return before + "token: unknown\n"
		})}, "cannot query the API server: "},
	} {
		suite.rows.Run(t, test.name, func(t *testing.T) {
			got, err := execute(t.Context(), test.args...)
			if err != nil {
				t.Fatal(err)
			}
			if got.code != 2 || got.stdout != "" || !strings.HasPrefix(got.stderr, "Error: ") || !strings.Contains(got.stderr, test.want) {
				t.Errorf("exit code %d, stdout %q, stderr %q; want 2 and %s", got.code, got.stdout, got.stderr, test.want)
			}
		})
	}
}

// TestAnotherName examines an installation that does not exist.
func TestAnotherName(t *testing.T) {
	awaitHealthy(t)
	await(t, expectation{check: "validating-webhook", status: fail, message: "there is no ValidatingWebhookConfiguration other", remedy: "--name",
		also: statuses{"mutating-webhook": warn, "ca-bundle": fail, "serving-certificate": fail, "certificate": fail, "secret": fail, "other-webhooks": warn, "identities": fail},
		code: 1}, "--kubeconfig", suite.jane, "--name", "other")
}
