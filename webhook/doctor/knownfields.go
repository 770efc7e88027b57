package doctor

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"ippool-webhook/webhook/codec"
	"ippool-webhook/webhook/ippool"
)

// checkKnownFields checks that every field of the CRD is in the schema of the webhook or in knownFields of the Policy.
func checkKnownFields(c *cluster) verdict {
	if c.crd.err != nil {
		return notChecked(Warn, "doctor could not read the CustomResourceDefinition "+poolCRD, "crd")
	}
	version := servedVersion(c.crd.value)
	if version == nil {
		return notChecked(Warn, poolCRD+" does not serve "+ippool.Version, "crd")
	}
	var builtIn *codec.Schema
	added := slices.DeleteFunc(definedFields(version.Schema), builtIn.Has)
	var v verdict
	if c.policy.value == nil && (c.policy.unusable || len(added) > 0) {
		v.add(c.policy.problem)
	}
	if len(added) == 0 {
		v.passed = "every field of " + poolCRD + " is in the webhook's schema"
		return v
	}
	v.passed = "every field of " + poolCRD + " is in the webhook's schema or in knownFields of the Policy (" + c.policy.source + ")"
	v.add(c.policy.unknownFields(added)...)
	return v
}

// definedFields returns the paths of the fields of a CRD at the levels of knownFields, sorted within each level.
func definedFields(validation *apiextensionsv1.CustomResourceValidation) []string {
	if validation == nil {
		return nil
	}
	var paths []string
	add := func(prefix string, schema *apiextensionsv1.JSONSchemaProps) {
		if schema == nil {
			return
		}
		for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
			paths = append(paths, prefix+name)
		}
	}
	root := validation.OpenAPIV3Schema
	add("", root)
	add("spec.", schemaAt(root, "spec"))
	add("spec.allocations.*.", schemaAt(root, "spec", "allocations", "*"))
	return paths
}

// unknownFields returns a problem if knownFields lacks some of the fields that the CRD adds to the schema of the webhook.
func (p *runningPolicy) unknownFields(added []string) []problem {
	var known, unknown, unsupported []string
	where, remedy := "outside the webhook's schema", addToPolicy
	if p.value != nil {
		known = p.value.KnownFields
		where = "that are neither in the webhook's schema nor in knownFields of the Policy (" + p.source + ")"
		remedy = setPolicy
	}
	for _, path := range added {
		switch _, err := codec.NewSchema([]string{path}); {
		case err != nil:
			unsupported = append(unsupported, path)
		case !slices.Contains(known, path):
			unknown = append(unknown, path)
		}
	}
	var problems []problem
	add := func(paths []string, where, remedy string) {
		if len(paths) > 0 {
			problems = append(problems, problem{Warn, fmt.Sprintf("%s has fields %s: %s (the webhook denies, with code 400, a request that adds one of them "+
				"with fieldValidation Strict, the default of kubectl)", poolCRD, where, strings.Join(paths, ", ")), remedy})
		}
	}
	add(unknown, where, inPolicy(remedy, append(slices.Clone(known), unknown...)))
	add(unsupported, "that knownFields cannot name, because of a dot or an asterisk", withoutStrict)
	return problems
}

// knownFieldsLine returns the line of the Policy for these paths. It quotes the paths, because YAML reads some names, such as yes, as
// other types.
func knownFieldsLine(paths []string) string {
	text, _ := json.Marshal(paths) // cannot fail for strings
	return "knownFields: " + string(text)
}
