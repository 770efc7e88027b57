package cluster

import (
	"context"
	"errors"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"ippool-webhook/test/environment"
)

// probePeriod is the time between two readiness probes of a replica.
const probePeriod = 50 * time.Millisecond

// report does the work of the kubelet and of the controllers of Deployments and EndpointSlices until ctx ends. It writes a Pod
// of the Deployment, and an EndpointSlice of the Service. The endpoint is ready if the replica reports ready. A write fails
// while the manifests are not applied, so report retries it.
func (r *Replica) report(ctx context.Context) {
	reported, ready := errors.New("the Pod and the EndpointSlice were never written"), false
	for ctx.Err() == nil {
		if now := r.Ready(ctx) == nil; reported != nil || now != ready {
			reported, ready = r.write(context.WithoutCancel(ctx), now), now
		}
		select {
		case <-ctx.Done():
		case <-time.After(probePeriod):
		}
	}
	if reported != nil {
		r.fail(reported)
	}
}

// write writes the Pod and the EndpointSlice.
func (r *Replica) write(ctx context.Context, ready bool) error {
	// The EndpointSlice comes first, because a replica that is not ready must not be called.
	if err := r.writeEndpoint(ctx, ready); err != nil {
		return err
	}
	pod, err := r.pod(ctx)
	if err != nil {
		return err
	}
	if err := r.cluster.Client.Create(ctx, pod); client.IgnoreAlreadyExists(err) != nil {
		return err
	}
	if err := r.cluster.Client.Get(ctx, client.ObjectKeyFromObject(pod), pod); err != nil {
		return err
	}
	pod.Status.Phase = corev1.PodRunning
	pod.Status.PodIP, pod.Status.PodIPs = r.cluster.host, []corev1.PodIP{{IP: r.cluster.host}}
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: status(ready)}}
	return r.cluster.Client.Status().Update(ctx, pod)
}

func (r *Replica) writeEndpoint(ctx context.Context, ready bool) error {
	slice := r.endpointSlice()
	_, err := controllerutil.CreateOrUpdate(ctx, r.cluster.Client, slice, func() error {
		name, port, protocol := "webhook", int32(r.port), corev1.ProtocolTCP
		slice.Labels = map[string]string{discoveryv1.LabelServiceName: service}
		slice.AddressType = discoveryv1.AddressTypeIPv4
		slice.Ports = []discoveryv1.EndpointPort{{Name: &name, Port: &port, Protocol: &protocol}}
		slice.Endpoints = []discoveryv1.Endpoint{{
			Addresses:  []string{r.cluster.host},
			Conditions: discoveryv1.EndpointConditions{Ready: &ready},
			TargetRef:  &corev1.ObjectReference{Kind: "Pod", Namespace: Namespace, Name: r.Name},
		}}
		return nil
	})
	return err
}

// withdraw deletes the objects of write.
func (r *Replica) withdraw(ctx context.Context) error {
	if err := r.cluster.Client.Delete(ctx, r.endpointSlice()); client.IgnoreNotFound(err) != nil {
		return err
	}
	pod := &corev1.Pod{ObjectMeta: r.meta()}
	return client.IgnoreNotFound(r.cluster.Client.Delete(ctx, pod, client.GracePeriodSeconds(0)))
}

// pod returns the Pod of the Deployment with other ports, because replicas share the address of this machine.
func (r *Replica) pod(ctx context.Context) (*corev1.Pod, error) {
	var deployment appsv1.Deployment
	if err := r.cluster.Client.Get(ctx, client.ObjectKey{Namespace: Namespace, Name: deploymentName}, &deployment); err != nil {
		return nil, err
	}
	metrics, err := environment.Port(r.MetricsAddress())
	if err != nil {
		return nil, err
	}
	pod := &corev1.Pod{ObjectMeta: r.meta(), Spec: deployment.Spec.Template.Spec}
	pod.Labels = deployment.Spec.Template.Labels
	pod.Spec.NodeName = "node-of-" + r.Name
	ports := pod.Spec.Containers[0].Ports
	for i := range ports {
		switch ports[i].Name {
		case "webhook":
			ports[i].ContainerPort = int32(r.port)
		case "metrics":
			ports[i].ContainerPort = int32(metrics)
		}
	}
	return pod, nil
}

func (r *Replica) endpointSlice() *discoveryv1.EndpointSlice {
	return &discoveryv1.EndpointSlice{ObjectMeta: r.meta()}
}

func (r *Replica) meta() metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: Namespace, Name: r.Name}
}

func status(ready bool) corev1.ConditionStatus {
	if ready {
		return corev1.ConditionTrue
	}
	return corev1.ConditionFalse
}
