package documents

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// root is the folder of the repository.
const root = "../.."

// isOther reports whether this project did not write the files in folders with a name, or generated them.
func isOther(folder string) bool {
	return slices.Contains([]string{".git", ".run", "bin", "crd", "testdata", "fixtures"}, folder)
}

// files returns the paths of the files that this project wrote, except the glossary.
func files(t *testing.T) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && isOther(entry.Name()):
			return fs.SkipDir
		case entry.Type().IsRegular() && entry.Name() != "LICENSE" && path != filepath.Join(root, "test/documents/words_test.go"):
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// withExtension returns the files with an extension.
func withExtension(t *testing.T, extension string) []string {
	t.Helper()
	var found []string
	for _, path := range files(t) {
		if filepath.Ext(path) == extension {
			found = append(found, path)
		}
	}
	if len(found) == 0 {
		t.Fatalf("there is no file with the extension %s", extension)
	}
	return found
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestReadmeIsShort limits the README to what a new user needs.
func TestReadmeIsShort(t *testing.T) {
	const limit = 200
	text := read(t, filepath.Join(root, "README.md"))
	if lines := bytes.Count([]byte(text), []byte("\n")); lines > limit {
		t.Errorf("the README has %d lines; it must have at most %d: move details to docs/", lines, limit)
	}
}
