package suite

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// TestAddresses starts and ends pods in all ways that a cluster does. The pools must always record exactly the addresses of pods.
func TestAddresses(t *testing.T) {
	for _, row := range []struct {
		name string
		run  func(t *testing.T, namespace string)
	}{
		{"two pods reach each other", twoPods},
		{"a container restarts", containerRestarts},
		{"a sandbox restarts", sandboxRestarts},
		{"a pod is deleted", podDeleted},
		{"a pod is evicted", podEvicted},
		{"the node is drained", nodeDrained},
		{"the pool is full", poolFull},
		{"two address families", dualStack},
		{"three interfaces", threeInterfaces},
		{"a StatefulSet restarts", statefulSet},
		{"the reconciler runs", reconcilerRuns},
	} {
		suite.rows.Run(t, row.name, func(t *testing.T) {
			row.run(t, newNamespace(t))
			expectConsistent(t)
		})
	}
	suite.rows.Run(t, "no address is left", func(t *testing.T) {
		await(t.Context(), t, "empty pools", func(ctx context.Context) error {
			left, err := records(ctx)
			if err == nil && len(left) > 0 {
				err = fmt.Errorf("pools record %v", left)
			}
			return err
		})
	})
}

func twoPods(t *testing.T, namespace string) {
	addNetwork(t, namespace, "two", ipam{"range": "192.168.10.0/24"})
	a, b := runPod(t, namespace, "a", "two"), runPod(t, namespace, "b", "two")
	expectInRange(t, a, "192.168.10.0/24")
	expectInRange(t, b, "192.168.10.0/24")
	expectConsistent(t)
	if got := kubectl(t, "-n", namespace, "exec", "a", "--", "/web", fmt.Sprintf("http://%s:8080/", b[0].Address)); got != "b" {
		t.Errorf("pod a reaches %q at the address of pod b", got)
	}
	route := kubectl(t, "-n", namespace, "exec", "a", "--", "ip", "route", "get", b[0].Address.String())
	if !strings.Contains(route, "dev net1") {
		t.Errorf("pod a reaches pod b by %q: must be net1", route)
	}
}

func containerRestarts(t *testing.T, namespace string) {
	addNetwork(t, namespace, "restart", ipam{"range": "192.168.11.0/24"})
	before := runPod(t, namespace, "a", "restart")
	key := client.ObjectKey{Namespace: namespace, Name: "a"}
	kubectl(t, "-n", namespace, "exec", "a", "--", "kill", "1")
	awaitRestart(t, key)
	if after := awaitAddresses(t, key); before[0] != after[0] {
		t.Errorf("the address was %s, and is %s", before[0], after[0])
	}
}

// awaitRestart awaits that the container of a pod has been started again.
func awaitRestart(t *testing.T, key client.ObjectKey) {
	t.Helper()
	await(t.Context(), t, "a restart of the container", func(ctx context.Context) error {
		pod := &corev1.Pod{}
		if err := suite.client.Get(ctx, key, pod); err != nil {
			return err
		}
		if len(pod.Status.ContainerStatuses) == 0 || pod.Status.ContainerStatuses[0].RestartCount == 0 {
			return errors.New("it has not restarted")
		}
		return nil
	})
}

// sandboxRestarts ends the container that holds the namespaces of the pod. kubelet creates another one, and Whereabouts assigns an address
// to it.
func sandboxRestarts(t *testing.T, namespace string) {
	addNetwork(t, namespace, "sandbox", ipam{"range": "192.168.12.0/24"})
	runPod(t, namespace, "a", "sandbox")
	key := client.ObjectKey{Namespace: namespace, Name: "a"}
	before, err := allocationsOf(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	kill := exec.CommandContext(t.Context(), "ctr", "--namespace", "k8s.io", "tasks", "kill", "--signal", "SIGKILL", before[0].Sandbox)
	if out, err := kill.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	await(t.Context(), t, "an allocation of another sandbox", func(ctx context.Context) error {
		after, err := allocationsOf(ctx, key)
		if err != nil {
			return err
		}
		if len(after) != 1 || after[0].Sandbox == before[0].Sandbox {
			return fmt.Errorf("the allocations are %v", after)
		}
		return nil
	})
	awaitAddresses(t, key)
}

func podDeleted(t *testing.T, namespace string) {
	addNetwork(t, namespace, "deleted", ipam{"range": "192.168.13.0/24"})
	first := runPod(t, namespace, "a", "deleted")
	kubectl(t, "-n", namespace, "delete", "pod", "a")
	expectConsistent(t)
	if next := runPod(t, namespace, "b", "deleted"); next[0].Address != first[0].Address {
		t.Errorf("the next pod has %s: must have the released address %s", next[0].Address, first[0].Address)
	}
}

func podEvicted(t *testing.T, namespace string) {
	addNetwork(t, namespace, "evicted", ipam{"range": "192.168.14.0/24"})
	runPod(t, namespace, "a", "evicted")
	if err := suite.clientset.PolicyV1().Evictions(namespace).Evict(t.Context(), &policyv1.Eviction{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "a"},
	}); err != nil {
		t.Fatal(err)
	}
	awaitNoRecord(t, client.ObjectKey{Namespace: namespace, Name: "a"})
}

// awaitNoRecord awaits that no pool records a pod.
func awaitNoRecord(t *testing.T, key client.ObjectKey) {
	t.Helper()
	await(t.Context(), t, "the release of the address of "+key.String(), func(ctx context.Context) error {
		left, err := allocationsOf(ctx, key)
		if err == nil && len(left) > 0 {
			err = fmt.Errorf("pools record %v", left)
		}
		return err
	})
}

func nodeDrained(t *testing.T, namespace string) {
	addNetwork(t, namespace, "drained", ipam{"range": "192.168.15.0/24"})
	runPod(t, namespace, "a", "drained")
	defer kubectl(t, "uncordon", nodeName)
	kubectl(t, "drain", nodeName, "--ignore-daemonsets", "--force", "--delete-emptydir-data", "--timeout=60s")
	awaitNoRecord(t, client.ObjectKey{Namespace: namespace, Name: "a"})
}

func poolFull(t *testing.T, namespace string) {
	addNetwork(t, namespace, "full", ipam{"range": "192.168.16.0/24", "range_start": "192.168.16.10", "range_end": "192.168.16.11"})
	runPod(t, namespace, "a", "full")
	runPod(t, namespace, "b", "full")
	third := createPod(t, namespace, "c", "full")
	await(t.Context(), t, "an event about the full pool", func(ctx context.Context) error {
		if got := events(ctx, third); !strings.Contains(got, "Could not allocate IP") {
			return fmt.Errorf("the events of pod c are %q", got)
		}
		return nil
	})
	kubectl(t, "-n", namespace, "delete", "pod", "a")
	expectInRange(t, awaitAddresses(t, third), "192.168.16.10/31")
}

func dualStack(t *testing.T, namespace string) {
	addNetwork(t, namespace, "dual", ipam{"ipRanges": []any{map[string]any{"range": "192.168.17.0/24"}, map[string]any{"range": "fd00:17::/64"}}})
	expectInRange(t, runPod(t, namespace, "a", "dual"), "192.168.17.0/24", "fd00:17::/64")
}

func threeInterfaces(t *testing.T, namespace string) {
	addNetwork(t, namespace, "left", ipam{"range": "192.168.18.0/24"})
	addNetwork(t, namespace, "right", ipam{"range": "192.168.19.0/24"})
	// Two interfaces are in one network, so one pool records the pod twice.
	addresses := runPod(t, namespace, "a", "left", "right", "left")
	expectInRange(t, addresses, "192.168.18.0/24", "192.168.19.0/24", "192.168.18.0/24")
	for i, name := range []string{"net1", "net2", "net3"} {
		if addresses[i].Interface != name {
			t.Errorf("%s is on %s: must be on %s", addresses[i].Address, addresses[i].Interface, name)
		}
	}
}

func statefulSet(t *testing.T, namespace string) {
	addNetwork(t, namespace, "stateful", ipam{"range": "192.168.20.0/24"})
	replicas, labels := int32(3), map[string]string{"app": "web"}
	if err := suite.client.Create(t.Context(), &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "web"},
		Spec: appsv1.StatefulSetSpec{
			Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: labels}, PodManagementPolicy: appsv1.ParallelPodManagement,
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels, Annotations: map[string]string{networksAnnotation: "stateful"}}, Spec: podSpec(),
			},
		},
	}); err != nil {
		t.Fatal(err)
	}
	kubectl(t, "-n", namespace, "rollout", "status", "statefulset/web", "--timeout=60s")
	expectConsistent(t)
	kubectl(t, "-n", namespace, "rollout", "restart", "statefulset/web")
	kubectl(t, "-n", namespace, "rollout", "status", "statefulset/web", "--timeout=60s")
}

func reconcilerRuns(t *testing.T, _ string) {
	kubectl(t, "-n", "kube-system", "rollout", "status", "deployment/whereabouts-reconciler", "--timeout=60s")
}
