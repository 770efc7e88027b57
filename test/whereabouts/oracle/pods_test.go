package oracle

import (
	"context"
	"encoding/json"
	"fmt"

	nadv1 "github.com/k8snetworkplumbingwg/network-attachment-definition-client/pkg/apis/k8s.cni.cncf.io/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
)

// pod is a pod with interfaces on networks of Whereabouts.
type pod struct {
	name string
	node string
	// sandbox is the id of its sandbox container.
	sandbox string
	ifnames []string
	// addresses are the addresses that Multus has written to the pod.
	addresses []string
}

// object returns the pod as the reconciler reads it.
func (p *pod) object() (corev1.Pod, error) {
	status, err := json.Marshal([]nadv1.NetworkStatus{{Name: "net", IPs: p.addresses}})
	if err != nil {
		return corev1.Pod{}, fmt.Errorf("cannot write the network status: %w", err)
	}
	return corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: podNamespace, Name: p.name, Annotations: map[string]string{nadv1.NetworkStatusAnnot: string(status)},
		},
		Status: corev1.PodStatus{Phase: corev1.PodRunning},
	}, nil
}

// podServer is an API server in memory that lists pods. The embedded interfaces are nil: no other method is called.
type podServer struct {
	kubernetes.Interface
	typedcorev1.CoreV1Interface
	typedcorev1.PodInterface
	live []*pod
}

// CoreV1 returns the server itself.
func (s podServer) CoreV1() typedcorev1.CoreV1Interface { return s }

// Pods returns the server itself.
func (s podServer) Pods(string) typedcorev1.PodInterface { return s }

// List lists the running pods.
func (s podServer) List(context.Context, metav1.ListOptions) (*corev1.PodList, error) {
	list := &corev1.PodList{}
	for _, pod := range s.live {
		object, err := pod.object()
		if err != nil {
			return nil, err
		}
		list.Items = append(list.Items, object)
	}
	return list, nil
}
