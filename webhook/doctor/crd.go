package doctor

import (
	"context"
	"fmt"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/webhook/ippool"
)

// poolCRD is the name of the CRD of IPPools.
const poolCRD = ippool.Resource + "." + ippool.Group

func readCRD(ctx context.Context, c client.Reader) read[*apiextensionsv1.CustomResourceDefinition] {
	return get(ctx, c, client.ObjectKey{Name: poolCRD}, &apiextensionsv1.CustomResourceDefinition{},
		access{group: apiextensionsv1.GroupName, resource: "customresourcedefinitions"})
}

// checkCRD checks that the CRD serves the version of the webhook, and that its schema keeps the fields of an allocation. The API server
// drops fields outside the schema before it calls a webhook and before it stores a pool.
func checkCRD(c *cluster) verdict {
	v := verdict{passed: poolCRD + " serves " + ippool.Version + " and keeps id, podref and ifname"}
	if c.crd.missing() {
		v.fail("there is no CustomResourceDefinition "+poolCRD, installCRD)
		return v
	}
	if c.crd.err != nil {
		v.add(c.crd.problem())
		return v
	}
	crd := c.crd.value
	if !established(crd) {
		v.fail(poolCRD+" is not Established", describeCRD)
	}
	version := servedVersion(crd)
	if version == nil {
		v.fail(poolCRD+" does not serve "+ippool.Version, applyCRD)
		return v
	}
	v.add(droppedFields(version.Schema, crd.Spec.PreserveUnknownFields)...)
	return v
}

func established(crd *apiextensionsv1.CustomResourceDefinition) bool {
	for _, condition := range crd.Status.Conditions {
		if condition.Type == apiextensionsv1.Established {
			return condition.Status == apiextensionsv1.ConditionTrue
		}
	}
	return false
}

func servedVersion(crd *apiextensionsv1.CustomResourceDefinition) *apiextensionsv1.CustomResourceDefinitionVersion {
	for i, version := range crd.Spec.Versions {
		if version.Name == ippool.Version && version.Served {
			return &crd.Spec.Versions[i]
		}
	}
	return nil
}

// droppedFields returns a problem for each field of an allocation that the schema does not keep.
func droppedFields(validation *apiextensionsv1.CustomResourceValidation, keepsAll bool) []problem {
	if keepsAll {
		return nil
	}
	var root *apiextensionsv1.JSONSchemaProps
	if validation != nil {
		root = validation.OpenAPIV3Schema
	}
	var problems []problem
	for _, field := range []struct {
		name   string
		status Status
		why    string
	}{
		{"podref", Fail, "no allocation names its pod"},
		{"id", Fail, "Whereabouts cannot release an address"},
		// Whereabouts up to v0.7 does not write ifname and does not need it.
		{"ifname", Warn, "two interfaces of a pod look like a duplicate, and a Whereabouts version that writes ifname cannot release an address"},
	} {
		if !keeps(root, "spec", "allocations", "*", field.name) {
			problems = append(problems, problem{field.status,
				fmt.Sprintf("the schema drops spec.allocations.*.%s: %s", field.name, field.why), applyCRD})
		}
	}
	return problems
}

// keeps reports whether the API server keeps the field at a path. In the path, "*" means any key.
func keeps(schema *apiextensionsv1.JSONSchemaProps, path ...string) bool {
	for _, name := range path {
		if schema == nil {
			return false
		}
		child := childOf(schema, name)
		if child == nil {
			return schema.XPreserveUnknownFields != nil && *schema.XPreserveUnknownFields
		}
		schema = child
	}
	return true
}

// schemaAt returns the schema of the field at a path, or nil. In the path, "*" means any key.
func schemaAt(schema *apiextensionsv1.JSONSchemaProps, path ...string) *apiextensionsv1.JSONSchemaProps {
	for _, name := range path {
		if schema == nil {
			return nil
		}
		schema = childOf(schema, name)
	}
	return schema
}

// childOf returns the schema of a field, or the schema for all other fields (additionalProperties), or nil.
func childOf(schema *apiextensionsv1.JSONSchemaProps, name string) *apiextensionsv1.JSONSchemaProps {
	if property, ok := schema.Properties[name]; ok {
		return &property
	}
	if schema.AdditionalProperties == nil {
		return nil
	}
	return schema.AdditionalProperties.Schema
}
