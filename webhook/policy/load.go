package policy

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
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

// onlyDocument returns the one YAML document of text, because a second one would be passed over in silence.
func onlyDocument(text []byte) ([]byte, error) {
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	var only []byte
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(document)) == 0 {
			continue
		}
		if only != nil {
			return nil, errors.New("has more than one YAML document, want one Policy")
		}
		only = document
	}
	if only == nil {
		return nil, fmt.Errorf("is empty, want apiVersion: %s and kind: %s", APIVersion, Kind)
	}
	return only, nil
}
