// Package markdown reads the code blocks of documents, so that tests run what a document tells a user to run.
package markdown

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// Blocks returns the code blocks of a language in a section of a document, in order, without the indentation of a list. A
// section ends at the next heading of the second or a deeper level: in a code block, one # begins a comment.
func Blocks(path, heading, language string) ([]string, error) {
	text, err := os.ReadFile(path) //nolint:gosec // a test says which file
	if err != nil {
		return nil, err
	}
	start := regexp.MustCompile(`(?m)^#+ ` + regexp.QuoteMeta(heading) + `$`).FindIndex(text)
	if start == nil {
		return nil, fmt.Errorf("%s has no section %q", path, heading)
	}
	section := string(text[start[1]:])
	if end := regexp.MustCompile(`(?m)^##+ `).FindStringIndex(section); end != nil {
		section = section[:end[0]]
	}
	var blocks []string
	for _, match := range regexp.MustCompile("(?ms)^( *)```"+language+"\n(.*?)^ *```$").FindAllStringSubmatch(section, -1) {
		blocks = append(blocks, strings.ReplaceAll("\n"+match[2], "\n"+match[1], "\n"))
	}
	if len(blocks) == 0 {
		return nil, fmt.Errorf("section %q of %s has no code block of %s", heading, path, language)
	}
	return blocks, nil
}
