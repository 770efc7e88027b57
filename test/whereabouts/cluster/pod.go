package cluster

import (
	"context"
	"encoding/json"

	nadv1 "github.com/k8snetworkplumbingwg/network-attachment-definition-client/pkg/apis/k8s.cni.cncf.io/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// MakePod creates the pod of an interface on node-1. Its network status, in the format of Multus, has these addresses in the
// network secondary.
func (c *Cluster) MakePod(ctx context.Context, r *Runtime, i Interface, addresses ...string) error {
	status, err := json.Marshal([]nadv1.NetworkStatus{
		{Name: "cluster", Interface: "eth0", IPs: []string{"192.168.0.1"}, Default: true},
		{Name: r.Namespace + "/secondary", Interface: i.Name, IPs: addresses},
	})
	if err != nil {
		return err
	}
	admin, err := kubernetes.NewForConfig(c.Admin())
	if err != nil {
		return err
	}
	_, err = admin.CoreV1().Pods(i.Namespace).Create(ctx, &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: i.Pod, Annotations: map[string]string{nadv1.NetworkStatusAnnot: string(status)}},
		Spec:       corev1.PodSpec{NodeName: "node-1", Containers: []corev1.Container{{Name: "main", Image: "none"}}},
	}, metav1.CreateOptions{})
	return err
}

// RemovePod deletes the pod of an interface, as a kubelet does after its containers have stopped.
func (c *Cluster) RemovePod(ctx context.Context, i Interface) error {
	admin, err := kubernetes.NewForConfig(c.Admin())
	if err != nil {
		return err
	}
	return admin.CoreV1().Pods(i.Namespace).Delete(ctx, i.Pod, metav1.DeleteOptions{GracePeriodSeconds: new(int64(0))})
}
