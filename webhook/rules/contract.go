package rules

import (
	"embed"
	"fmt"
	"strings"
)

// sources holds the files of the rules: the comment that a file opens with is the only place where its rule is explained.
//
//go:embed range_*.go offset_*.go podref_*.go id_*.go ifname_syntax.go name_mismatch.go allocation_*.go
//go:embed bulk_release.go pool_size.go delete_in_use.go field_type.go unknown_field.go duplicate_field.go
var sources embed.FS

// Contract explains a rule to people.
type Contract struct {
	Finds string // what the rule finds
	Why   string // why it matters to Whereabouts
	Do    string // what to do about it
}

// Contract returns the comment that the rule's file opens with.
func (r Rule) Contract() (Contract, error) {
	source, err := sources.ReadFile(strings.ReplaceAll(r.ID, "-", "_") + ".go")
	if err != nil {
		return Contract{}, fmt.Errorf("rule %s has no file: %w", r.ID, err)
	}
	comment, _, _ := strings.Cut(string(source), "\n\npackage ")
	paragraphs := strings.Split(uncomment(comment), "\n\n")
	if len(paragraphs) != 4 || paragraphs[0] != r.ID {
		return Contract{}, fmt.Errorf("the file of rule %s does not open with its name and three paragraphs", r.ID)
	}
	var c Contract
	for i, part := range []struct {
		label string
		text  *string
	}{{"Finds: ", &c.Finds}, {"Why: ", &c.Why}, {"Do: ", &c.Do}} {
		text, found := strings.CutPrefix(paragraphs[i+1], part.label)
		if !found {
			return Contract{}, fmt.Errorf("paragraph %d of rule %s does not begin with %q", i+1, r.ID, part.label)
		}
		*part.text = strings.ReplaceAll(text, "\n", " ")
	}
	return c, nil
}

// uncomment strips the comment marks of every line.
func uncomment(comment string) string {
	lines := strings.Split(comment, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(strings.TrimPrefix(line, "//"), " ")
	}
	return strings.Join(lines, "\n")
}
