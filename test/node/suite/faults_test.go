package suite

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/test/environment"
	"ippool-webhook/test/load"
)

// TestFaults breaks the installation while users write pools and pods start. Where one replica is alive, no write may fail. Each pod must
// always start, with an address that a pool records.
func TestFaults(t *testing.T) {
	defer installProduct(t)()
	for _, fault := range []struct {
		name   string
		inject func(*testing.T)
		outage bool // no replica is alive for a time, so that writes of users fail
	}{
		{"none", func(*testing.T) {}, false},
		{"rolling restart", func(t *testing.T) { kubectl(t, "-n", name, "rollout", "restart", "deployment/"+name) }, false},
		{"drain of the node", drainNode, false},
		{"kubelet is restarted", func(t *testing.T) { killComponent(t, "kubelet") }, false},
		{"containerd is restarted", func(t *testing.T) { killComponent(t, "containerd") }, false},
		{"all replicas are killed", func(t *testing.T) { killReplicas(t) }, true},
	} {
		suite.rows.Run(t, fault.name, func(t *testing.T) {
			namespace := newNamespace(t)
			addNetwork(t, namespace, "load", ipam{"range": "192.168.30.0/24"})
			users := startUsers(t, namespace)
			pods := startPods(t.Context(), namespace)
			awaitMore(t, users, pods)
			fault.inject(t)
			awaitRollout(t)
			awaitMore(t, users, pods)
			users.Stop()
			pods.stop(t)
			fmt.Printf("%s: %d writes, %d denied by rule, %d failed, longest %.2f s; %d pods started, longest %.1f s\n", fault.name,
				users.Admissions(), users.Denied(), users.Failed(), users.Longest().Seconds(), pods.started.Load(), float64(pods.longest.Load())/1e9)
			if failed := users.Failed(); (failed > 0) != fault.outage {
				t.Errorf("%d writes failed: must fail only while no replica is alive; first failures: %v", failed, users.Failures())
			}
			expectConsistent(t)
		})
	}
}

// startUsers starts users who write pools.
func startUsers(t *testing.T, namespace string) *load.Load {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		t.Fatal(err)
	}
	var users []load.User
	for n := range 4 {
		users = append(users, load.User{Name: fmt.Sprintf("user-%d", n+1), Namespace: namespace, Config: config})
	}
	running, err := load.Start(t.Context(), users, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Stop)
	return running
}

// awaitMore awaits some further writes and pods.
func awaitMore(t *testing.T, users *load.Load, pods *podStarts) {
	t.Helper()
	before := pods.started.Load()
	await(t.Context(), t, "the next pods", func(context.Context) error {
		if now := pods.started.Load(); now < before+2 {
			return fmt.Errorf("%d pods have started", now-before)
		}
		return nil
	})
	if err := users.AwaitMore(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
}

// drainNode drains the node of the replicas. The PodDisruptionBudget keeps one of them, because the other cannot start elsewhere.
func drainNode(t *testing.T) {
	out, err := kubectlWith(t.Context(), "", "drain", nodeName, "--ignore-daemonsets", "--force", "--delete-emptydir-data",
		"--pod-selector", "app.kubernetes.io/name="+name, "--timeout=15s")
	if err == nil || !strings.Contains(out, "disruption budget") {
		t.Errorf("kubectl drain: %v: must wait for the PodDisruptionBudget\n%s", err, out)
	}
	kubectl(t, "uncordon", nodeName)
}

// killComponent kills a component of the node, and awaits that another process has replaced it.
func killComponent(t *testing.T, component string) {
	t.Helper()
	path := filepath.Join(os.Getenv("IPPOOL_NODE_COMPONENTS"), component+".pid")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(before))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	await(t.Context(), t, "another process of "+component, func(context.Context) error {
		after, err := os.ReadFile(path)
		if err == nil && string(after) == string(before) {
			err = fmt.Errorf("it is still process %d", pid)
		}
		return err
	})
}

// killReplicas kills the processes of all replicas, as the kernel does when a container exceeds its memory limit.
func killReplicas(t *testing.T) {
	t.Helper()
	pods := &corev1.PodList{}
	if err := suite.client.List(t.Context(), pods, client.InNamespace(name), client.MatchingLabels{"app.kubernetes.io/name": name}); err != nil {
		t.Fatal(err)
	}
	for _, pod := range pods.Items {
		id := strings.TrimPrefix(pod.Status.ContainerStatuses[0].ContainerID, "containerd://")
		if out, err := exec.CommandContext(t.Context(), "ctr", "--namespace", "k8s.io", "tasks", "kill", "--signal", "SIGKILL", id).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	if err := environment.Await(t.Context(), "restarts", func(ctx context.Context) error {
		for _, pod := range pods.Items {
			now := &corev1.Pod{}
			if err := suite.client.Get(ctx, client.ObjectKeyFromObject(&pod), now); err != nil {
				return err
			}
			if now.Status.ContainerStatuses[0].RestartCount == pod.Status.ContainerStatuses[0].RestartCount {
				return fmt.Errorf("pod %s has not restarted", pod.Name)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
