package lifecycle

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// readRunbook returns the bash code blocks in a section of a document, in order, without the indentation of a list.
func readRunbook(path, heading string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	_, section, found := strings.Cut(string(text), "\n## "+heading+"\n")
	if !found && !strings.HasPrefix(string(text), "## "+heading+"\n") {
		return nil, fmt.Errorf("%s has no section %q", path, heading)
	} else if !found {
		section = string(text)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var blocks []string
	for _, match := range regexp.MustCompile("(?ms)^( *)```bash\n(.*?)^ *```$").FindAllStringSubmatch(section, -1) {
		blocks = append(blocks, strings.ReplaceAll("\n"+match[2], "\n"+match[1], "\n"))
	}
	return blocks, nil
}
