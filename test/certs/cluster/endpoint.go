package cluster

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

// probePeriod is how often a replica is asked whether it is ready.
const probePeriod = 50 * time.Millisecond

// report stands in for the kubelet and the controller of EndpointSlices until ctx ends: there is a Pod, and an EndpointSlice
// of the Service with nothing but its endpoint, which is ready when the replica says that it is. What cannot be written, for
// the namespace is not there yet, is written the next time.
func (r *Replica) report(ctx context.Context) {
	reported, ready := false, false
	for ctx.Err() == nil {
		if now := r.Ready(ctx) == nil; !reported || now != ready {
			reported, ready = r.write(ctx, now) == nil, now
		}
		select {
		case <-ctx.Done():
		case <-time.After(probePeriod):
		}
	}
}

// write writes the Pod and the EndpointSlice.
func (r *Replica) write(ctx context.Context, ready bool) error {
	// What must not be called any more is told first, and what may, last.
	if err := r.writeEndpoint(ctx, ready); err != nil {
		return err
	}
	pod, err := r.pod()
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

// withdraw removes what write has written.
func (r *Replica) withdraw(ctx context.Context) error {
	if err := r.cluster.Client.Delete(ctx, r.endpointSlice()); client.IgnoreNotFound(err) != nil {
		return err
	}
	pod := &corev1.Pod{ObjectMeta: r.meta()}
	return client.IgnoreNotFound(r.cluster.Client.Delete(ctx, pod, client.GracePeriodSeconds(0)))
}

// pod returns the Pod as far as others look at it: its labels, and which port is which.
func (r *Replica) pod() (*corev1.Pod, error) {
	metrics, err := portOf(r.MetricsAddress())
	if err != nil {
		return nil, err
	}
	meta := r.meta()
	meta.Labels = map[string]string{"app.kubernetes.io/name": "ippool-webhook"}
	return &corev1.Pod{
		ObjectMeta: meta,
		Spec: corev1.PodSpec{
			NodeName: "node-of-" + r.Name,
			Containers: []corev1.Container{{
				Name: "webhook", Image: "ippool-webhook",
				Ports: []corev1.ContainerPort{
					{Name: "webhook", ContainerPort: int32(r.port)},
					{Name: "metrics", ContainerPort: int32(metrics)},
				},
			}},
		},
	}, nil
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
