package main

import (
	"fmt"
	"os"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// shipped has the environment and the memory limit in the manifests.
type shipped struct {
	environment []string // in the format of os.Environ
	memoryLimit int64    // bytes
}

// readShipped reads a file with the Deployment.
func readShipped(path string) (*shipped, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the user selects the file
	if err != nil {
		return nil, fmt.Errorf("cannot read the Deployment: %w", err)
	}
	var deployment appsv1.Deployment
	if err := yaml.UnmarshalStrict(text, &deployment); err != nil {
		return nil, fmt.Errorf("cannot decode the Deployment in %s: %w", path, err)
	}
	containers := deployment.Spec.Template.Spec.Containers
	if len(containers) != 1 {
		return nil, fmt.Errorf("the Deployment in %s has %d containers: must have exactly one", path, len(containers))
	}
	limit, ok := containers[0].Resources.Limits[corev1.ResourceMemory]
	if !ok {
		return nil, fmt.Errorf("the Deployment in %s has no memory limit", path)
	}
	s := &shipped{memoryLimit: limit.Value()}
	for _, variable := range containers[0].Env {
		if variable.ValueFrom == nil {
			s.environment = append(s.environment, variable.Name+"="+variable.Value)
		}
	}
	return s, nil
}
