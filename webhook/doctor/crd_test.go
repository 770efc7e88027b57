package doctor

import (
	"os"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

func TestCheckCRD(t *testing.T) {
	schema := func(crd *apiextensionsv1.CustomResourceDefinition) *apiextensionsv1.JSONSchemaProps {
		return crd.Spec.Versions[0].Schema.OpenAPIV3Schema
	}
	allocation := func(crd *apiextensionsv1.CustomResourceDefinition) *apiextensionsv1.JSONSchemaProps {
		return schema(crd).Properties["spec"].Properties["allocations"].AdditionalProperties.Schema
	}
	for _, test := range []struct {
		name   string
		change func(*apiextensionsv1.CustomResourceDefinition)
		status Status
		want   string
	}{
		{"unchanged", func(*apiextensionsv1.CustomResourceDefinition) {}, Pass, "serves v1alpha1 and keeps id, podref and ifname"},
		{"without ifname", func(c *apiextensionsv1.CustomResourceDefinition) { delete(allocation(c).Properties, "ifname") }, Warn, "drops spec.allocations.*.ifname"},
		{"without fields of allocations", func(c *apiextensionsv1.CustomResourceDefinition) { allocation(c).Properties = nil }, Fail, "drops spec.allocations.*.id"},
		{"unknown fields kept in allocations", func(c *apiextensionsv1.CustomResourceDefinition) {
			allocation(c).Properties, allocation(c).XPreserveUnknownFields = nil, new(true)
		}, Pass, ""},
		{"unknown fields kept in the object", func(c *apiextensionsv1.CustomResourceDefinition) {
			schema(c).Properties, schema(c).XPreserveUnknownFields = nil, new(true)
		}, Pass, ""},
		{"unknown fields kept by the CRD", func(c *apiextensionsv1.CustomResourceDefinition) {
			c.Spec.PreserveUnknownFields, c.Spec.Versions[0].Schema = true, nil
		}, Pass, ""},
		{"no schema", func(c *apiextensionsv1.CustomResourceDefinition) { c.Spec.Versions[0].Schema = nil }, Fail, "drops spec.allocations.*.podref"},
		{"not served", func(c *apiextensionsv1.CustomResourceDefinition) { c.Spec.Versions[0].Served = false }, Fail, "does not serve v1alpha1"},
		{"not established", func(c *apiextensionsv1.CustomResourceDefinition) { c.Status.Conditions = nil }, Fail, "is not Established"},
	} {
		t.Run(test.name, func(t *testing.T) {
			crd := shippedCRD(t)
			test.change(crd)
			got := checkCRD(&cluster{crd: read[*apiextensionsv1.CustomResourceDefinition]{value: crd}}).result("")
			if got.Status != test.status || !strings.Contains(got.Message, test.want) {
				t.Errorf("%s: %s; want %s: %s", got.Status, got.Message, test.status, test.want)
			}
		})
	}
}

// shippedCRD returns the CRD of the manifests with the condition Established.
func shippedCRD(t *testing.T) *apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	text, err := os.ReadFile("../../manifests/crd/whereabouts.cni.cncf.io_ippools.yaml")
	if err != nil {
		t.Fatal(err)
	}
	crd := &apiextensionsv1.CustomResourceDefinition{}
	if err := yaml.UnmarshalStrict(text, crd); err != nil {
		t.Fatal(err)
	}
	crd.Status.Conditions = []apiextensionsv1.CustomResourceDefinitionCondition{{Type: apiextensionsv1.Established, Status: apiextensionsv1.ConditionTrue}}
	return crd
}

// define adds a field to the schema of a CRD.
func define(crd *apiextensionsv1.CustomResourceDefinition, path string) {
	root := crd.Spec.Versions[0].Schema.OpenAPIV3Schema
	spec := root.Properties["spec"]
	allocation := spec.Properties["allocations"].AdditionalProperties.Schema
	field := apiextensionsv1.JSONSchemaProps{Type: "string"}
	if name, ok := strings.CutPrefix(path, "spec.allocations.*."); ok {
		allocation.Properties[name] = field
	} else if name, ok := strings.CutPrefix(path, "spec."); ok {
		spec.Properties[name] = field
	} else {
		root.Properties[path] = field
	}
}
