package doctor

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// target is the Service that the API server calls.
type target struct {
	namespace, name string
	port            int32
}

func (t target) String() string { return t.namespace + "/" + t.name }

// host returns the DNS name for which the serving certificate must be valid.
func (t target) host() string { return t.name + "." + t.namespace + ".svc" }

// serviceOf returns the Service of the first webhook that calls one.
func serviceOf(webhooks []webhook) *target {
	for _, w := range webhooks {
		if service := w.service(); service != nil {
			return service
		}
	}
	return nil
}

func readService(ctx context.Context, c client.Reader, t target) read[*corev1.Service] {
	return get(ctx, c, client.ObjectKey{Namespace: t.namespace, Name: t.name}, &corev1.Service{}, access{resource: "services"})
}

// portName returns the name of a port of the Service. EndpointSlices refer to the port by this name.
func portName(service *corev1.Service, port int32) string {
	for _, p := range service.Spec.Ports {
		if p.Port == port {
			return p.Name
		}
	}
	return ""
}
