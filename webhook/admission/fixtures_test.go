package admission_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/rules"
)

// fixtures holds a folder for each rule with AdmissionReviews that it finds nothing in, pass-*.json, and that it finds
// something in, fail-*.json, each of the latter with the response that it gets, fail-*.response.json.
const fixtures = "../../test/fixtures"

// TestFixtures validates every fixture with the default policy. UPDATE_GOLDEN=1 rewrites the responses.
func TestFixtures(t *testing.T) {
	e := newEvaluator(t, policy.Default())
	for _, rule := range e.Rules() {
		t.Run(rule.ID, func(t *testing.T) {
			passing, failing := fixturesOf(t, rule.ID)
			if len(passing) == 0 || len(failing) == 0 {
				t.Fatalf("%s has %d pass and %d fail fixtures, want both", rule.ID, len(passing), len(failing))
			}
			for _, path := range passing {
				t.Run(filepath.Base(path), func(t *testing.T) {
					if w := validate(t, e, path); slices.Contains(found(w), rule.ID) {
						t.Errorf("%s found something: %s", rule.ID, responseOf(w))
					}
				})
			}
			for _, path := range failing {
				t.Run(filepath.Base(path), func(t *testing.T) {
					w := validate(t, e, path)
					if !slices.Contains(found(w), rule.ID) {
						t.Errorf("%s found nothing: %s", rule.ID, responseOf(w))
					}
					compareGolden(t, strings.TrimSuffix(path, ".json")+".response.json", responseOf(w))
				})
			}
		})
	}
}

// TestFixturesHaveRules fails for a folder of fixtures that no rule has.
func TestFixturesHaveRules(t *testing.T) {
	e := newEvaluator(t, policy.Default())
	folders, err := os.ReadDir(fixtures)
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if !slices.ContainsFunc(e.Rules(), func(r rules.Rule) bool { return r.ID == folder.Name() }) {
			t.Errorf("no rule is called %s", folder.Name())
		}
	}
}

func fixturesOf(t *testing.T, rule string) (passing, failing []string) {
	t.Helper()
	passing, err := filepath.Glob(filepath.Join(fixtures, rule, "pass-*.json"))
	if err != nil {
		t.Fatal(err)
	}
	failing, err = filepath.Glob(filepath.Join(fixtures, rule, "fail-*.json"))
	if err != nil {
		t.Fatal(err)
	}
	return passing, slices.DeleteFunc(failing, func(path string) bool { return strings.HasSuffix(path, ".response.json") })
}

func validate(t *testing.T, e *admission.Evaluator, path string) *admission.Result {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return evaluate(t, e, admission.Enforce, decodeRequest(t, pad(t, body)))
}

// pad returns the body with "<<N bytes>>" replaced by N times x: a pool can be huge in a fixture that is not.
func pad(t *testing.T, body []byte) []byte {
	t.Helper()
	return regexp.MustCompile(`<<\d+ bytes>>`).ReplaceAllFunc(body, func(placeholder []byte) []byte {
		var n int
		if _, err := fmt.Sscanf(string(placeholder), "<<%d bytes>>", &n); err != nil {
			t.Fatal(err)
		}
		return bytes.Repeat([]byte("x"), n)
	})
}

// found lists the IDs of the rules that found something.
func found(w *admission.Result) []string {
	var ids []string
	for _, d := range w.Decisions {
		ids = append(ids, d.Rule.ID)
	}
	return ids
}

// responseOf returns the response as the wire carries it, indented.
func responseOf(w *admission.Result) string {
	response := jsontext.Value(wire(w))
	if err := response.Indent(); err != nil {
		return string(response)
	}
	return string(response) + "\n"
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; UPDATE_GOLDEN=1 writes it", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("response (-want +got):\n%s\nUPDATE_GOLDEN=1 rewrites it", diff)
	}
}
