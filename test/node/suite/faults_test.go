package suite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"k8s.io/client-go/tools/clientcmd"

	"ippool-webhook/test/load"
)

// fault is what happens to the installation while users write pools and pods start.
type fault struct {
	name   string
	inject func(*testing.T, *load.Load)
	writes writes // of users
}

// writes says which writes of users may fail.
type writes int

const (
	noneFails    writes = iota // a replica always answers
	someMayFail                // a replica ends or hangs without a warning: the API server does not repeat webhook calls
	someMustFail               // for a time, no replica answers
)

// TestFaults breaks the installation while users write pools and pods start. Writes may fail only as the row says, and not after the
// fault. Each pod must always start, with an address that a pool records.
func TestFaults(t *testing.T) {
	defer installProduct(t)()
	for _, f := range []fault{
		{"none", func(*testing.T, *load.Load) {}, noneFails},
		{"rolling restart", func(t *testing.T, _ *load.Load) { restartAll(t) }, noneFails},
		{"drain of the node", func(t *testing.T, _ *load.Load) { drainNode(t) }, noneFails},
		{"kubelet is restarted", func(t *testing.T, _ *load.Load) { killComponent(t, "kubelet") }, noneFails},
		{"containerd is restarted", func(t *testing.T, _ *load.Load) { killComponent(t, "containerd") }, noneFails},
		{"the certificate is renewed", renewCertificate, noneFails},
		{"the CA is rotated", rotateCA, noneFails},
		{"the Policy is changed", changePolicy, noneFails},
		{"one replica is killed", killOne, someMayFail},
		{"one replica is killed during a rolling restart", killOneAndRestart, someMayFail},
		{"one replica exceeds its memory limit", exhaustOne, someMayFail},
		{"one replica hangs", hangOne, someMayFail},
		{"all replicas are killed", killAll, someMustFail},
	} {
		suite.rows.Run(t, f.name, f.run)
	}
}

func (f fault) run(t *testing.T) {
	namespace := newNamespace(t)
	addNetwork(t, namespace, "load", ipam{"range": "192.168.30.0/24"})
	users := startUsers(t, namespace)
	pods := startPods(t.Context(), namespace)
	awaitMore(t, users, pods)
	f.inject(t, users)
	awaitRollout(t)
	during := users.Failed()
	awaitMore(t, users, pods)
	users.Stop()
	pods.stop(t)
	fmt.Printf("%s: %d writes, %d denied by rule, %d failed within %.1f s, longest %.2f s; %d pods started, longest %.1f s\n", f.name,
		users.Admissions(), users.Denied(), users.Failed(), users.Outage().Seconds(), users.Longest().Seconds(),
		pods.started.Load(), float64(pods.longest.Load())/1e9)
	f.expect(t, users, during)
	expectConsistent(t)
}

// expect checks the failures of users. during is their number until the fault was over.
func (f fault) expect(t *testing.T, users *load.Load, during int64) {
	t.Helper()
	failed := users.Failed()
	if f.writes == noneFails && failed > 0 {
		t.Errorf("%d writes failed: none must fail; first failures: %v", failed, users.Failures())
	}
	if f.writes == someMustFail && failed == 0 {
		t.Error("no write failed: some must fail, because no replica answered for a time")
	}
	if failed > during {
		t.Errorf("%d writes failed after the fault: none must fail; first failures: %v", failed-during, users.Failures())
	}
}

func restartAll(t *testing.T) { kubectl(t, "-n", name, "rollout", "restart", "deployment/"+name) }

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
