package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	yamlv3 "go.yaml.in/yaml/v3"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// Load reads a configuration file. The error names every mistake in it by its field path.
func Load(path string) (*Policy, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the operator names the file on the command line
	if err != nil {
		return nil, fmt.Errorf("cannot read the policy: %w", err)
	}
	p, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("policy %s is refused: %w", path, err)
	}
	return p, nil
}

// Parse reads the text of a configuration file, YAML or JSON. Unknown and duplicate fields are mistakes.
func Parse(text []byte) (*Policy, error) {
	document, err := onlyDocument(text)
	if err != nil {
		return nil, err
	}
	asJSON, err := yaml.YAMLToJSONStrict(document)
	if err != nil {
		return nil, err
	}
	p := &Policy{}
	strict, err := kjson.UnmarshalStrict(asJSON, p)
	if mistyped, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return nil, fmt.Errorf("%s: want %s, not %s", mistyped.Field, mistyped.Type, mistyped.Value)
	}
	if err != nil {
		return nil, err
	}
	mistakes := strict
	for _, mistake := range p.validate() {
		mistakes = append(mistakes, mistake)
	}
	if len(mistakes) > 0 {
		return nil, utilerrors.NewAggregate(mistakes)
	}
	p.setDefaults()
	return p, nil
}

// onlyDocument returns the only YAML document of text that is not empty. A second one is an error, because it would be ignored
// silently.
func onlyDocument(text []byte) ([]byte, error) {
	decoder := yamlv3.NewDecoder(bytes.NewReader(text))
	var only *yamlv3.Node
	for {
		var document yamlv3.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if document.IsZero() || document.Content[0].Tag == "!!null" {
			continue // comments, or nothing between two marks
		}
		if only != nil {
			return nil, errors.New("has more than one YAML document, want one Policy")
		}
		only = &document
	}
	if only == nil {
		return nil, fmt.Errorf("is empty, want apiVersion: %s and kind: %s", APIVersion, Kind)
	}
	return yamlv3.Marshal(only)
}
