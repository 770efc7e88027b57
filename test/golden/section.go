package golden

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Section compares got with the part of the file at path that is between the comments <!-- name: begin --> and <!-- name: end
// -->. mask removes from both what can differ. UPDATE_GOLDEN=1 rewrites the file.
func Section(t testing.TB, path, name, got string, mask func(string) string) {
	t.Helper()
	text, err := os.ReadFile(path) //nolint:gosec // a test says which file
	if err != nil {
		t.Fatal(err)
	}
	begin, end := fmt.Sprintf("<!-- %s: begin -->\n", name), fmt.Sprintf("\n<!-- %s: end -->", name)
	before, rest, found := strings.Cut(string(text), begin)
	want, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no section between %q and %q", path, begin, end)
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(before+begin+got+end+after), 0o600); err != nil { //nolint:gosec // a test says which file
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(mask(want), mask(got)); diff != "" {
		t.Errorf("section %q of %s (-want +got):\n%s\nUPDATE_GOLDEN=1 rewrites it", name, path, diff)
	}
}
