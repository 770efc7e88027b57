package documents

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	// link is a link or a picture in Markdown; its first group is the target.
	link = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	// reference is a document that code, manifests and messages name, with the anchor if they name one.
	reference = regexp.MustCompile(`\b(?:docs/[A-Za-z-]+|README|CONTRIBUTING|SECURITY|CHANGELOG)\.md(?:#[a-z0-9-]+)?`)
	heading   = regexp.MustCompile(`(?m)^#{1,6} +(.+)$`)
	fence     = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
)

// TestLinks follows the links of the documents to files and headings of the repository.
func TestLinks(t *testing.T) {
	for _, path := range withExtension(t, ".md") {
		for _, found := range link.FindAllStringSubmatch(fence.ReplaceAllString(read(t, path), ""), -1) {
			if target := found[1]; !strings.Contains(target, "://") {
				if err := follow(t, path, target); err != nil {
					t.Errorf("%s: link %s: %v", path, target, err)
				}
			}
		}
	}
}

// TestReferences follows the names of documents in code, manifests and messages, which start at the root of the repository.
func TestReferences(t *testing.T) {
	count := 0
	for _, path := range files(t) {
		if extension := filepath.Ext(path); !slices.Contains([]string{".go", ".yaml", ".tpl", ".json", ".txt", ""}, extension) || strings.HasPrefix(path, "../../test/documents") {
			continue
		}
		for _, target := range reference.FindAllString(read(t, path), -1) {
			count++
			if err := follow(t, filepath.Join(root, "README.md"), target); err != nil {
				t.Errorf("%s: %s: %v", path, target, err)
			}
		}
	}
	if count < 10 {
		t.Errorf("there are %d references; at least 10 were expected", count)
	}
}

// TestBrokenLinks checks that follow returns an error for a link that leads nowhere.
func TestBrokenLinks(t *testing.T) {
	from := filepath.Join(root, "README.md")
	for target, valid := range map[string]bool{
		"docs/install.md": true, "docs/install.md#break-glass": true, "#when-it-is-down": true, "LICENSE": true,
		"docs/instal.md": false, "docs/install.md#brake-glass": false, "#": false, "../README.md": false, "docs/install.md#fieldvalidation": false,
	} {
		if err := follow(t, from, target); (err == nil) != valid {
			t.Errorf("%s: %v", target, err)
		}
	}
}

// follow returns an error if a link of a document does not lead to a file and, if it has an anchor, to a heading of it.
func follow(t *testing.T, from, target string) error {
	t.Helper()
	path, anchor, hasAnchor := strings.Cut(target, "#")
	to := filepath.Join(filepath.Dir(from), path)
	if path == "" {
		to = from
	}
	if inside, err := filepath.Rel(root, to); err != nil || strings.HasPrefix(inside, "..") {
		return fmt.Errorf("%s is outside of the repository", to)
	}
	if _, err := os.Stat(to); err != nil {
		return err
	}
	if hasAnchor && !slices.Contains(anchors(read(t, to)), anchor) {
		return fmt.Errorf("%s has no heading with the anchor %q", to, anchor)
	}
	return nil
}

// anchors returns the anchors of the headings of a document, as GitHub forms them.
func anchors(text string) []string {
	var all []string
	seen := map[string]int{}
	for _, found := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		anchor := strings.ReplaceAll(strings.ToLower(found[1]), " ", "-")
		anchor = regexp.MustCompile(`[^\p{L}\p{N}_-]`).ReplaceAllString(anchor, "")
		if n := seen[anchor]; n > 0 {
			all = append(all, fmt.Sprintf("%s-%d", anchor, n))
		} else {
			all = append(all, anchor)
		}
		seen[anchor]++
	}
	return all
}
