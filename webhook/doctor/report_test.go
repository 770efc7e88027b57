package doctor

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReport compares the text and the JSON of a report with files. UPDATE_GOLDEN=1 rewrites the files.
func TestReport(t *testing.T) {
	var mixed verdict
	mixed.warn("a warning", "wait")
	mixed.fail("a failure\n\tof \x1b[31mtwo lines", "repair <it>")
	mixed.fail("another", "repair <it>")
	var warned verdict
	warned.warn("only 1 endpoint is ready", "run 2")
	report := newReport([]Result{verdict{passed: "no problem"}.result("crd"), mixed.result("validating-webhook"), warned.result("serving-certificate")})
	var text, json bytes.Buffer
	if err := report.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if err := report.WriteJSON(&json); err != nil {
		t.Fatal(err)
	}
	compareFile(t, "testdata/report.txt", text.Bytes())
	compareFile(t, "testdata/report.json", json.Bytes())
}

// TestPrintable prints text that comes from the cluster.
func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"one\n\ttwo":                    "one two",
		"\x1b[31mred\x1b[0m":            `\x1b[31mred\x1b[0m`,
		"pool\u202etxt.exe":             `pool\u202etxt.exe`,
		"\u009b31m":                     `\u009b31m`,
		"K\u00f6ln \u2192 \u65e5\u672c": "K\u00f6ln \u2192 \u65e5\u672c",
		"invalid \xff":                  "invalid \ufffd",
	} {
		if got := printable(text); got != want {
			t.Errorf("printable(%q) = %q, want %q", text, got, want)
		}
	}
}

// compareFile compares got with the content of a file. With UPDATE_GOLDEN=1, it first writes the file.
func compareFile(t *testing.T, path string, got []byte) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
