package markdown

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const document = "# Title\n\n```sh\nfirst\n```\n\n## Steps\n\n1. Indented:\n\n   ```sh\n   # a comment\n   second\n   ```\n\n```yaml\na: b\n```\n\n### Last\n\n```sh\nthird\n```\n"

func TestBlocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "document.md")
	if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		heading, language string
		want              []string
	}{
		{"Title", "sh", []string{"\nfirst\n"}},
		{"Steps", "sh", []string{"\n# a comment\nsecond\n"}},
		{"Steps", "yaml", []string{"\na: b\n"}},
		{"Last", "sh", []string{"\nthird\n"}},
		{"Last", "yaml", nil},
		{"Missing", "sh", nil},
	} {
		got, err := Blocks(path, test.heading, test.language)
		if diff := cmp.Diff(test.want, got); diff != "" || (err == nil) != (test.want != nil) {
			t.Errorf("%s, %s: error %v, blocks (-want +got):\n%s", test.heading, test.language, err, diff)
		}
	}
}
