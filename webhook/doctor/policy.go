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

// The names in the shipped manifests. kustomize appends a hash to that of the ConfigMap.
const (
	deploymentName  = "ippool-webhook"
	policyConfigMap = "ippool-webhook-policy"
	policyKey       = "policy.yaml"
)

// runningPolicy is the Policy of the webhook.
type runningPolicy struct {
	source string         // where the Policy is
	value  *policy.Policy // nil where there is a problem
	problem
	// unusable says that the problem is one even where no check needs the Policy: serve would not start with it either.
	unusable bool
}

// readPolicy reads the Policy from a file or, without one, from the ConfigMap that the pods of the Service t mount.
func readPolicy(ctx context.Context, c client.Reader, t *target, file string) runningPolicy {
	if file != "" {
		text, err := os.ReadFile(file) //nolint:gosec // the user names the file on the command line
		if err != nil {
			return runningPolicy{problem: problem{Warn, fmt.Sprintf("cannot read the Policy: %v", err), nameFile}, unusable: true}
		}
		return parsePolicy(file, text)
	}
	if t == nil {
		return runningPolicy{problem: problem{Warn, "cannot find the Policy: no webhook calls a Service", nameFile}}
	}
	deployment := get(ctx, c, client.ObjectKey{Namespace: t.namespace, Name: deploymentName}, &appsv1.Deployment{},
		access{group: appsv1.GroupName, resource: "deployments"})
	name := mountedPolicy(deployment.value)
	configMap := get(ctx, c, client.ObjectKey{Namespace: t.namespace, Name: name}, &corev1.ConfigMap{}, access{resource: "configmaps"})
	source := "ConfigMap " + t.namespace + "/" + name
	text, ok := configMap.value.Data[policyKey]
	switch {
	case configMap.missing() && deployment.err != nil && !deployment.missing(): // which would name another ConfigMap
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

// mountedPolicy returns the name of the ConfigMap with the Policy that a Deployment mounts; that of the manifests where it
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

// unread is the problem of a Policy about which the API server gave no answer.
func unread[T any](r read[T]) problem {
	return problem{Warn, "cannot read the Policy: " + r.reason(), r.problem().remedy + ", or " + nameFile}
}

func parsePolicy(source string, text []byte) runningPolicy {
	p, err := policy.Parse(text)
	if err != nil {
		return runningPolicy{problem: problem{Warn, fmt.Sprintf("the Policy (%s) is invalid: %v", source, err), correctPolicy}, unusable: true}
	}
	return runningPolicy{source: source, value: p}
}
