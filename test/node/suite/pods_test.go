package suite

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/test/environment"
)

// networksAnnotation names the networks of a pod, for Multus.
const networksAnnotation = "k8s.v1.cni.cncf.io/networks"

// newNamespace creates a namespace for one test. At the end, it is deleted with its pods.
func newNamespace(t *testing.T) string {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "pods-"}}
	if err := suite.client.Create(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if err := suite.client.Delete(ctx, namespace); err != nil {
			t.Error(err)
		}
		await(ctx, t, "the end of the namespace", func(ctx context.Context) error {
			err := suite.client.Get(ctx, client.ObjectKeyFromObject(namespace), namespace)
			if apierrors.IsNotFound(err) {
				return nil
			}
			return fmt.Errorf("it exists: %w", err)
		})
	})
	return namespace.Name
}

// await awaits that check returns nil.
func await(ctx context.Context, t *testing.T, what string, check func(context.Context) error) {
	t.Helper()
	if err := environment.Await(ctx, what, check); err != nil {
		t.Fatal(err)
	}
}

// ipam is the configuration of Whereabouts in a network.
type ipam map[string]any

// addNetwork adds a network with the bridge plugin and Whereabouts to a namespace. Networks with one name share a bridge.
func addNetwork(t *testing.T, namespace, name string, addresses ipam) {
	t.Helper()
	addresses["type"] = "whereabouts"
	config, err := json.Marshal(map[string]any{"cniVersion": "0.3.1", "name": name, "type": "bridge", "bridge": "br-" + name, "ipam": addresses})
	if err != nil {
		t.Fatal(err)
	}
	network := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"config": string(config)}}}
	network.SetGroupVersionKind(schema.GroupVersionKind{Group: "k8s.cni.cncf.io", Version: "v1", Kind: "NetworkAttachmentDefinition"})
	network.SetNamespace(namespace)
	network.SetName(name)
	if err := suite.client.Create(t.Context(), network); err != nil {
		t.Fatal(err)
	}
}

// podSpec returns the specification of a pod that serves its name.
func podSpec() corev1.PodSpec {
	seconds := int64(0)
	return corev1.PodSpec{
		TerminationGracePeriodSeconds: &seconds,
		Containers:                    []corev1.Container{{Name: "web", Image: "web:local"}},
	}
}

// newPod returns a pod with networks.
func newPod(namespace, name string, networks ...string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Annotations: map[string]string{networksAnnotation: strings.Join(networks, ",")}},
		Spec:       podSpec(),
	}
}

// createPod creates a pod with networks, and does not wait for it.
func createPod(t *testing.T, namespace, name string, networks ...string) client.ObjectKey {
	t.Helper()
	pod := newPod(namespace, name, networks...)
	if err := suite.client.Create(t.Context(), pod); err != nil {
		t.Fatal(err)
	}
	return client.ObjectKeyFromObject(pod)
}

// runPod creates a pod with networks, and awaits that it is ready. It returns its addresses in the networks.
func runPod(t *testing.T, namespace, name string, networks ...string) []assigned {
	t.Helper()
	return awaitAddresses(t, createPod(t, namespace, name, networks...))
}

// awaitAddresses awaits that a pod is ready, and returns its addresses in the networks.
func awaitAddresses(t *testing.T, key client.ObjectKey) (addresses []assigned) {
	t.Helper()
	await(t.Context(), t, "pod "+key.String(), func(ctx context.Context) error {
		pod := &corev1.Pod{}
		if err := suite.client.Get(ctx, key, pod); err != nil {
			return err
		}
		if !isReady(pod) {
			return fmt.Errorf("it is not ready: %s; %s", pod.Status.Phase, events(ctx, key))
		}
		var err error
		addresses, err = shown(pod)
		return err
	})
	return addresses
}

func isReady(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// events returns the messages of the events of a pod.
func events(ctx context.Context, pod client.ObjectKey) string {
	list := &corev1.EventList{}
	if err := suite.client.List(ctx, list, client.InNamespace(pod.Namespace)); err != nil {
		return err.Error()
	}
	var messages []string
	for _, event := range list.Items {
		if event.InvolvedObject.Name == pod.Name {
			messages = append(messages, event.Message)
		}
	}
	return strings.Join(messages, "; ")
}

// expectInRange expects one address for each range, in their order.
func expectInRange(t *testing.T, addresses []assigned, ranges ...string) {
	t.Helper()
	if len(addresses) != len(ranges) {
		t.Fatalf("the pod has %v: must have an address of each of %v", addresses, ranges)
	}
	for i, text := range ranges {
		if !netip.MustParsePrefix(text).Contains(addresses[i].Address) {
			t.Errorf("address %s is not in %s", addresses[i], text)
		}
	}
}

// expectConsistent expects that the pools record exactly the addresses of pods, once pods that are being deleted have ended.
func expectConsistent(t *testing.T) {
	t.Helper()
	await(t.Context(), t, "pools that record exactly the addresses of pods", consistent)
}
