package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	yamlv3 "go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"
)

// document is the YAML document of a configuration file.
type document struct {
	json []byte
	// lines are the lines of the fields, by their paths.
	lines map[string]int
	// mistyped are the fields whose values have a wrong type.
	mistyped field.ErrorList
}

// readDocument reads the only YAML document of text that is not empty. Its lines count from the beginning of text.
func readDocument(text []byte) (*document, error) {
	root, err := onlyDocument(text)
	if err != nil {
		return nil, err
	}
	var value any
	err = root.Decode(&value) // names the lines of duplicate fields, which the next step would lose
	if duplicates, ok := errors.AsType[*yamlv3.TypeError](err); ok {
		return nil, errors.New(strings.Join(duplicates.Errors, ", "))
	}
	if err != nil {
		return nil, err
	}
	if top := root.Content[0]; top.Kind != yamlv3.MappingNode {
		return nil, fmt.Errorf("line %d: must be an object with apiVersion: %s and kind: %s", top.Line, APIVersion, Kind)
	}
	one, err := yamlv3.Marshal(root)
	if err != nil {
		return nil, err
	}
	d := &document{lines: map[string]int{}}
	if d.json, err = yaml.YAMLToJSONStrict(one); err != nil {
		return nil, err
	}
	d.read(root.Content[0], nil, policyForm)
	return d, nil
}

// onlyDocument returns the only YAML document of text that is not empty. A second one is an error, because it would be ignored
// silently.
func onlyDocument(text []byte) (*yamlv3.Node, error) {
	decoder := yamlv3.NewDecoder(bytes.NewReader(text))
	var only *yamlv3.Node
	for {
		var next yamlv3.Node
		err := decoder.Decode(&next)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if next.IsZero() || next.Content[0].Tag == "!!null" {
			continue // comments, or nothing between two marks
		}
		if only != nil {
			return nil, fmt.Errorf("line %d: must have only one YAML document, a %s", next.Content[0].Line, Kind)
		}
		only = &next
	}
	if only == nil {
		return nil, fmt.Errorf("is empty: must be an object with apiVersion: %s and kind: %s", APIVersion, Kind)
	}
	return only, nil
}

// form is what the value of a field must be.
type form struct {
	kind yamlv3.Kind
	must string
	// fields are the forms of the fields of an object by name, and items that of every item of a list or of an object whose
	// names are free. Other fields are unknown.
	fields map[string]*form
	items  *form
}

// policyForm is the form of a Policy.
var policyForm = &form{kind: yamlv3.MappingNode, fields: map[string]*form{ //nolint:gochecknoglobals // a constant, as far as Go has constant structs
	"apiVersion":      {kind: yamlv3.ScalarNode, must: "must be " + APIVersion},
	"kind":            {kind: yamlv3.ScalarNode, must: "must be " + Kind},
	"fieldValidation": {kind: yamlv3.ScalarNode, must: "must be Ignore, Warn or Strict"},
	"knownFields": {
		kind: yamlv3.SequenceNode, must: "must be a list such as [spec.gateway]",
		items: &form{kind: yamlv3.ScalarNode, must: "must be a string such as spec.gateway"},
	},
	"rules": {
		kind: yamlv3.MappingNode, must: "must be an object such as {range-syntax: {action: Audit}}",
		items: &form{kind: yamlv3.MappingNode, must: "must be an object such as {action: Audit}", fields: map[string]*form{
			"action": {kind: yamlv3.ScalarNode, must: "must be Deny, Warn, Audit or Off"},
			"scope":  {kind: yamlv3.ScalarNode, must: "must be Interface or Pod"},
		}},
	},
}}

// read notes the line of a value and of the fields in it, and whether they have the right type. It does not follow aliases. A null
// is an absent value.
func (d *document) read(node *yamlv3.Node, path *field.Path, f *form) {
	if _, ok := d.lines[path.String()]; !ok {
		d.lines[path.String()] = node.Line
	}
	if f == nil || node.Kind == yamlv3.AliasNode || node.Tag == "!!null" {
		return
	}
	if node.Kind != f.kind || node.Kind == yamlv3.ScalarNode && !isText(node) {
		d.mistyped = append(d.mistyped, field.Invalid(path, valueOf(node), f.must))
		return
	}
	switch node.Kind {
	case yamlv3.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			name := node.Content[i].Value
			of, ok := f.fields[name]
			if !ok {
				of = f.items
			}
			d.lines[path.Child(name).String()] = node.Content[i].Line
			d.read(node.Content[i+1], path.Child(name), of)
		}
	case yamlv3.SequenceNode:
		for i, item := range node.Content {
			d.read(item, path.Index(i), f.items)
		}
	}
}

// isText reports whether a scalar is read as text. A boolean is, because YAML 1.1 reads the action Off as one.
func isText(node *yamlv3.Node) bool { return node.Tag == "!!str" || node.Tag == "!!bool" }

// valueOf returns a value as an error quotes it: a scalar as it is written, and the type of another value.
func valueOf(node *yamlv3.Node) string {
	switch node.Kind {
	case yamlv3.MappingNode:
		return "object"
	case yamlv3.SequenceNode:
		return "array"
	default:
		return node.Value
	}
}
