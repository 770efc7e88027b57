// Package cluster runs a Kubernetes cluster of one real node on this machine, inside a sandbox: etcd, kube-apiserver,
// kube-controller-manager, kube-scheduler, kube-proxy, kubelet, and containerd with runc and the standard CNI plugins.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"ippool-webhook/test/node/sandbox"
)

const (
	// NodeName is the name of the node.
	NodeName = "node-1"

	server       = "https://" + sandbox.NodeAddress + ":6443"
	etcdAddress  = "http://127.0.0.1:2379"
	serviceRange = "10.96.0.0/16"
	apiService   = "10.96.0.1" // the first address of the range: the Service "kubernetes"
	podRange     = "10.244.0.0/16"
)

// Options name what a cluster is made of.
type Options struct {
	// Programs is the folder of the programs of Kubernetes and of etcd.
	Programs string
	// Images are the paths of the archives of images to import. One of them must have the image of sandboxes, pause:local.
	Images []string
	// Progress is called with each step, at its start.
	Progress func(step string)
}

// Cluster is a running cluster.
type Cluster struct {
	// Kubeconfig is the path of the kubeconfig of a cluster administrator.
	Kubeconfig string
	// Dir is the folder with the log and the process number of each component.
	Dir string

	options   Options
	run       sandbox.Run
	authority *authority
	last      *component // that was started last
	client    kubernetes.Interface
}

// Start starts a cluster, and returns once the node is ready. The cluster ends with the sandbox.
func Start(ctx context.Context, run sandbox.Run, o Options) (*Cluster, error) {
	c := &Cluster{options: o, run: run, Dir: filepath.Join(run.Dir, "components")}
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"issuing certificates", c.issueCertificates},
		{"starting etcd", c.startEtcd},
		{"starting kube-apiserver", c.startAPIServer},
		{"starting containerd", c.startContainerd},
		{"importing images", c.importImages},
		{"starting kube-controller-manager, kube-scheduler and kube-proxy", c.startControllers},
		{"starting kubelet", c.startKubelet},
		{"waiting for the node", c.awaitNode},
	} {
		o.Progress(step.what)
		if err := step.do(ctx); err != nil {
			return nil, fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return c, nil
}

// add starts a component.
func (c *Cluster) add(name string, command ...string) error {
	started, err := start(c.Dir, name, command...)
	if err != nil {
		return err
	}
	c.last = started
	return nil
}

// program returns the path of a program of Kubernetes.
func (c *Cluster) program(name string) string { return filepath.Join(c.options.Programs, name) }

func (c *Cluster) issueCertificates(context.Context) (err error) {
	dir := filepath.Join(c.run.Dir, "certificates")
	if err := errors.Join(os.MkdirAll(dir, 0o700), os.MkdirAll(c.Dir, 0o700)); err != nil {
		return err
	}
	if c.authority, err = newAuthority(dir); err != nil {
		return err
	}
	if err := c.authority.issueSigner("service-accounts"); err != nil {
		return err
	}
	if c.Kubeconfig, err = c.authority.kubeconfig("admin", subject{Name: "admin", Group: "system:masters"}); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig)
	if err != nil {
		return err
	}
	config.QPS, config.Burst = 1000, 2000
	c.client, err = kubernetes.NewForConfig(rest.CopyConfig(config))
	return err
}

// awaitNode awaits that pods can be created: the node is ready, and the namespace default has its service account.
func (c *Cluster) awaitNode(ctx context.Context) error {
	return c.await(ctx, func(ctx context.Context) error {
		if _, err := c.client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{}); err != nil {
			return err
		}
		node, err := c.client.CoreV1().Nodes().Get(ctx, NodeName, metav1.GetOptions{})
		if err != nil {
			return err
		}
		for _, condition := range node.Status.Conditions {
			if condition.Type == corev1.NodeReady {
				if condition.Status == corev1.ConditionTrue {
					return nil
				}
				return errors.New("the node is not ready: " + condition.Message)
			}
		}
		return errors.New("the node has no condition Ready")
	})
}

const (
	patience     = 2 * time.Minute // bounds every wait; only a failure takes this long
	pollInterval = 50 * time.Millisecond
)

// await calls check until it returns nil. Its error has the log of the component that was started last.
func (c *Cluster) await(ctx context.Context, check func(context.Context) error) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, pollInterval, patience, true, func(ctx context.Context) (bool, error) {
		last = check(ctx)
		return last == nil, nil
	})
	if err != nil {
		return c.last.failure(fmt.Errorf("%w; last: %w", err, last))
	}
	return nil
}
