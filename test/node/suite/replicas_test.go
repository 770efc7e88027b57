package suite

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/test/environment"
	"ippool-webhook/test/load"
)

// replicas returns the pods of the product.
func replicas(t *testing.T) []corev1.Pod {
	t.Helper()
	pods := &corev1.PodList{}
	if err := suite.client.List(t.Context(), pods, client.InNamespace(name), client.MatchingLabels{"app.kubernetes.io/name": name}); err != nil {
		t.Fatal(err)
	}
	return pods.Items
}

// answering returns the replica that has answered most of the next requests. The API server keeps its connection to one replica, so
// that the loss of another one would show nothing.
func answering(t *testing.T, users *load.Load) corev1.Pod {
	t.Helper()
	pods := replicas(t)
	before := make([]float64, len(pods))
	for i, pod := range pods {
		before[i] = admissions(t, pod)
	}
	if err := users.AwaitMore(t.Context(), 50); err != nil {
		t.Fatal(err)
	}
	most, found := 0.0, pods[0]
	for i, pod := range pods {
		if n := admissions(t, pod) - before[i]; n > most {
			most, found = n, pod
		}
	}
	return found
}

// admissions returns the number of requests that a replica has answered.
func admissions(t *testing.T, pod corev1.Pod) float64 {
	t.Helper()
	samples, err := environment.ParseMetrics(kubectl(t, "get", "--raw", "/api/v1/namespaces/"+name+"/pods/"+pod.Name+":8080/proxy/metrics"))
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for sample, value := range samples {
		if strings.HasPrefix(sample, "ippool_webhook_admissions_total{") {
			sum += value
		}
	}
	return sum
}

func killOne(t *testing.T, users *load.Load) {
	pod := answering(t, users)
	signal(t, pod, "SIGKILL")
	awaitContainerRestart(t, pod)
}

func killOneAndRestart(t *testing.T, users *load.Load) {
	pod := answering(t, users)
	restartAll(t)
	signal(t, pod, "SIGKILL")
}

// hangOne stops the process of a replica. The other one must answer before the liveness probe fails and kubelet restarts the container.
func hangOne(t *testing.T, users *load.Load) {
	pod := answering(t, users)
	signal(t, pod, "SIGSTOP")
	awaitAnswers(t, users)
	now := &corev1.Pod{}
	if err := suite.client.Get(t.Context(), client.ObjectKeyFromObject(&pod), now); err != nil {
		t.Fatal(err)
	}
	if now.Status.ContainerStatuses[0].RestartCount != pod.Status.ContainerStatuses[0].RestartCount {
		t.Error("the other replica answers only after the restart: must answer before")
	}
	awaitContainerRestart(t, pod)
}

// awaitAnswers awaits many writes without a failure.
func awaitAnswers(t *testing.T, users *load.Load) {
	t.Helper()
	await(t.Context(), t, "writes without a failure", func(ctx context.Context) error {
		before := users.Failed()
		if err := users.AwaitMore(ctx, 200); err != nil {
			return err
		}
		if users.Failed() > before {
			return users.Failures()
		}
		return nil
	})
}

func killAll(t *testing.T, _ *load.Load) {
	pods := replicas(t)
	for _, pod := range pods {
		signal(t, pod, "SIGKILL")
	}
	for _, pod := range pods {
		awaitContainerRestart(t, pod)
	}
}

// signal sends a signal to the process of a replica.
func signal(t *testing.T, pod corev1.Pod, signal string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "ctr", "--namespace", "k8s.io", "tasks", "kill", "--signal", signal, container(pod)).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// container returns the ID of the container of a replica.
func container(pod corev1.Pod) string {
	return strings.TrimPrefix(pod.Status.ContainerStatuses[0].ContainerID, "containerd://")
}

// awaitContainerRestart awaits that kubelet has restarted the container of a replica, and returns the reason why the previous one ended.
func awaitContainerRestart(t *testing.T, pod corev1.Pod) (reason string) {
	t.Helper()
	awaitKubelet(t, "the restart of "+pod.Name, func(ctx context.Context) error {
		now := &corev1.Pod{}
		if err := suite.client.Get(ctx, client.ObjectKeyFromObject(&pod), now); err != nil {
			return err
		}
		status := now.Status.ContainerStatuses[0]
		if status.RestartCount == pod.Status.ContainerStatuses[0].RestartCount || status.LastTerminationState.Terminated == nil {
			return fmt.Errorf("it has restarted %d times", status.RestartCount)
		}
		reason = status.LastTerminationState.Terminated.Reason
		return nil
	})
	return reason
}

// awaitKubelet awaits what kubelet does within minutes: it restarts a container that hangs, and updates mounted files.
func awaitKubelet(t *testing.T, what string, check func(context.Context) error) {
	t.Helper()
	var last error
	err := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, 4*time.Minute, true, func(ctx context.Context) (bool, error) {
		last = check(ctx)
		return last == nil, nil
	})
	if err != nil {
		t.Fatalf("awaiting %s: %v; last: %v", what, err, last)
	}
}

// exhaustOne lets the kernel kill a replica: it lowers the memory limit, because no request can make a replica use 512 MiB.
func exhaustOne(t *testing.T, users *load.Load) {
	pod := answering(t, users)
	lowerMemoryLimit(t, container(pod))
	flood(t.Context(), pod.Status.PodIP, review(t, expensive()[0]))
	if reason := awaitContainerRestart(t, pod); reason != "OOMKilled" {
		t.Errorf("the container has ended because of %s: must be OOMKilled", reason)
	}
}

// lowerMemoryLimit leaves a container a few MiB more than it uses. Kubelet creates the next container with the limit of the manifest.
func lowerMemoryLimit(t *testing.T, id string) {
	t.Helper()
	dir := cgroupOf(t, id)
	limit, usage := "memory.max", "memory.current"
	if _, err := os.Stat(filepath.Join(dir, limit)); err != nil {
		limit, usage = "memory.limit_in_bytes", "memory.usage_in_bytes" // cgroup v1
	}
	text, err := os.ReadFile(filepath.Join(dir, usage))
	if err != nil {
		t.Fatal(err)
	}
	used, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, limit), []byte(strconv.Itoa(used+8<<20)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// cgroupOf returns the folder with the memory limit of a container.
func cgroupOf(t *testing.T, id string) (dir string) {
	t.Helper()
	root := "/sys/fs/cgroup"
	if _, err := os.Stat(filepath.Join(root, "memory")); err == nil {
		root = filepath.Join(root, "memory") // cgroup v1
	}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == id {
			dir = path
			return fs.SkipAll
		}
		return nil // other cgroups end meanwhile
	})
	if err != nil || dir == "" {
		t.Fatalf("container %s has no cgroup: %v", id, err)
	}
	return dir
}
