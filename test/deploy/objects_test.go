package deploy

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
)

// objects are the objects of an installation by kind and name. No two objects of one kind have the same name in different
// namespaces.
type objects map[string]*unstructured.Unstructured

// parse reads the documents of a YAML text.
func parse(t *testing.T, text []byte) objects {
	t.Helper()
	all := objects{}
	decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 1<<16)
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if object.Object == nil {
			continue // comments only
		}
		key := object.GetKind() + " " + object.GetName()
		if _, twice := all[key]; twice {
			t.Fatalf("there are two of %s", key)
		}
		all[key] = object
	}
}

// get reads an object into its Go type, strictly.
func (o objects) get(t *testing.T, key string, into any) {
	t.Helper()
	object, ok := o[key]
	if !ok {
		t.Fatalf("there is no %s", key)
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object.Object, into, true); err != nil {
		t.Fatalf("%s: %v", key, err)
	}
}

// asJSON returns a value as JSON, which is valid YAML too.
func asJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
