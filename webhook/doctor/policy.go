package doctor

import (
	"context"
	"fmt"
	"os"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/webhook/policy"
)

// The names in the shipped manifests. kustomize appends a hash to the name of the ConfigMap.
const (
	deploymentName  = "ippool-webhook"
	policyConfigMap = "ippool-webhook-policy"
	policyKey       = "policy.yaml"
)

// runningPolicy is the Policy of the webhook.
type runningPolicy struct {
	source string         // file or ConfigMap
	value  *policy.Policy // nil if there is a problem
	problem
	// unusable means that serve would not start with the Policy. The problem is then reported even if no check needs the Policy.
	unusable bool
}

// readPolicy reads the Policy from a file or, if file is empty, from the ConfigMap that the pods of the Service mount.
func readPolicy(ctx context.Context, c client.Reader, service *target, file string) runningPolicy {
	switch {
	case file != "":
		return readPolicyFile(file)
	case service == nil:
		return runningPolicy{problem: problem{Warn, "cannot find the Policy: no webhook calls a Service", nameFile}}
	default:
		return readMountedPolicy(ctx, c, service.namespace)
	}
}

func readPolicyFile(file string) runningPolicy {
	text, err := os.ReadFile(file) //nolint:gosec // the user names the file on the command line
	if err != nil {
		return runningPolicy{problem: problem{Warn, fmt.Sprintf("cannot read the Policy: %v", err), nameFile}, unusable: true}
	}
	return parsePolicy(file, text)
}

// readMountedPolicy reads the Policy from the ConfigMap that the Deployment in a namespace mounts.
func readMountedPolicy(ctx context.Context, c client.Reader, namespace string) runningPolicy {
	deployment := get(ctx, c, client.ObjectKey{Namespace: namespace, Name: deploymentName}, &appsv1.Deployment{},
		access{group: appsv1.GroupName, resource: "deployments"})
	name := mountedPolicy(deployment.value)
	configMap := get(ctx, c, client.ObjectKey{Namespace: namespace, Name: name}, &corev1.ConfigMap{}, access{resource: "configmaps"})
	source := "ConfigMap " + namespace + "/" + name
	text, ok := configMap.value.Data[policyKey]
	switch {
	case configMap.missing() && deployment.err != nil && !deployment.missing(): // the Deployment may mount a ConfigMap with another name
		return runningPolicy{problem: unread(deployment)}
	case configMap.err != nil && !configMap.missing():
		return runningPolicy{problem: unread(configMap)}
	case configMap.missing():
		return runningPolicy{problem: problem{Warn, "cannot read the Policy: there is no " + source, nameFile}}
	case !ok:
		return runningPolicy{problem: problem{Warn, "cannot read the Policy: " + source + " has no key " + policyKey, nameFile}}
	}
	return parsePolicy(source, []byte(text))
}

// mountedPolicy returns the name of the ConfigMap with the Policy that a Deployment mounts, or the name in the shipped manifests if it
// mounts none.
func mountedPolicy(deployment *appsv1.Deployment) string {
	for _, volume := range deployment.Spec.Template.Spec.Volumes {
		if volume.ConfigMap == nil {
			continue
		}
		if name := volume.ConfigMap.Name; name == policyConfigMap || strings.HasPrefix(name, policyConfigMap+"-") {
			return name
		}
	}
	return policyConfigMap
}

// unread returns the problem of a request for the Policy that failed.
func unread[T any](r read[T]) problem {
	return problem{Warn, "cannot read the Policy: " + r.reason(), orNameFile(r.problem().remedy)}
}

func parsePolicy(source string, text []byte) runningPolicy {
	p, err := policy.Parse(text)
	if err != nil {
		return runningPolicy{problem: problem{Warn, fmt.Sprintf("the Policy (%s) is invalid: %v", source, err), correctPolicy}, unusable: true}
	}
	return runningPolicy{source: source, value: p}
}
