package policy

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"

	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"
	kjson "sigs.k8s.io/json"
)

// Load reads a configuration file. The error names every mistake in it; see Parse.
func Load(path string) (*Policy, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the operator names the file on the command line
	if err != nil {
		return nil, fmt.Errorf("cannot read the policy: %w", err)
	}
	p, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("policy %s is invalid: %w", path, err)
	}
	return p, nil
}

// Parse reads the text of a configuration file, YAML or JSON. Unknown and duplicate fields are mistakes. The error names every
// mistake by its line and its field path, except those after which the text cannot be read.
func Parse(text []byte) (*Policy, error) {
	d, err := readDocument(text)
	if err != nil {
		return nil, err
	}
	if len(d.mistyped) > 0 {
		return nil, d.errors(d.mistyped)
	}
	p := &Policy{}
	strict, err := kjson.UnmarshalStrict(d.json, p)
	if err != nil {
		return nil, err
	}
	if err := d.errors(p.validate(), strict...); err != nil {
		return nil, err
	}
	p.setDefaults()
	return p, nil
}

// errors returns mistakes in the order of their lines, or nil. A mistake about an absent field has no line.
func (d *document) errors(mistakes field.ErrorList, strict ...error) error {
	all := make([]mistake, 0, len(strict)+len(mistakes))
	for _, err := range strict {
		m := mistake{err: err}
		if in, ok := errors.AsType[kjson.FieldError](err); ok {
			m.line = d.lines[in.FieldPath()]
		}
		all = append(all, m)
	}
	for _, err := range mistakes {
		all = append(all, mistake{d.lines[err.Field], err})
	}
	slices.SortStableFunc(all, func(a, b mistake) int { return cmp.Compare(a.line, b.line) })
	located := make([]error, 0, len(all))
	for _, m := range all {
		located = append(located, m.located())
	}
	return utilerrors.NewAggregate(located)
}

// mistake is a mistake in a document, and its line, or 0.
type mistake struct {
	line int
	err  error
}

func (m mistake) located() error {
	if m.line == 0 {
		return m.err
	}
	return fmt.Errorf("line %d: %w", m.line, m.err)
}
