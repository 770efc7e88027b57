package doctor

import (
	"cmp"
	"context"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// workload is a DaemonSet or a Deployment that runs Whereabouts.
type workload struct {
	kind, namespace, name string
	account               string // name of its service account
	image                 string
}

func (w workload) username() string { return serviceAccountPrefix + w.namespace + ":" + w.account }

func (w workload) String() string {
	return w.kind + " " + w.namespace + "/" + w.name + " (" + w.image + ")"
}

// readWorkloads returns the DaemonSets and Deployments that run Whereabouts.
func readWorkloads(ctx context.Context, c client.Reader) read[[]workload] {
	daemonSets := list(ctx, c, &appsv1.DaemonSetList{}, access{group: appsv1.GroupName, resource: "daemonsets"})
	if daemonSets.err != nil {
		return read[[]workload]{nil, daemonSets.access, daemonSets.err}
	}
	deployments := list(ctx, c, &appsv1.DeploymentList{}, access{group: appsv1.GroupName, resource: "deployments"})
	if deployments.err != nil {
		return read[[]workload]{nil, deployments.access, deployments.err}
	}
	var found []workload
	add := func(kind, namespace, name string, pod corev1.PodSpec) {
		if image, ok := runsWhereabouts(pod); ok {
			found = append(found, workload{kind, namespace, name, cmp.Or(pod.ServiceAccountName, "default"), image})
		}
	}
	for _, d := range daemonSets.value.Items {
		add("DaemonSet", d.Namespace, d.Name, d.Spec.Template.Spec)
	}
	for _, d := range deployments.value.Items {
		add("Deployment", d.Namespace, d.Name, d.Spec.Template.Spec)
	}
	return read[[]workload]{value: found}
}

// runsWhereabouts returns the image of the first container whose image, name or command contains "whereabouts".
func runsWhereabouts(pod corev1.PodSpec) (image string, ok bool) {
	for _, container := range pod.Containers {
		names := slices.Concat([]string{container.Image, container.Name}, container.Command, container.Args)
		if slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, "whereabouts") }) {
			return container.Image, true
		}
	}
	return "", false
}
