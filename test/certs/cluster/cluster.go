// Package cluster provides a control plane, with or without cert-manager, and applies the manifests unchanged. There are no
// nodes: replicas are processes on this machine, and this package does the work of kubelets and of the EndpointSlice
// controller. The API server calls the endpoints of the Service directly, so no network has to route its ClusterIP.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"ippool-webhook/test/certs/certmanager"
	"ippool-webhook/test/environment"
)

// Namespace is the namespace of the manifests.
const Namespace = "ippool-webhook"

// Cluster is a control plane with its processes.
type Cluster struct {
	*environment.ControlPlane
	// Client is a client of a cluster administrator, with the types of cert-manager.
	Client client.Client

	clientset   kubernetes.Interface
	admin       *environment.User
	kubectl     string
	host        string                   // address of this machine
	certManager *certmanager.CertManager // nil if it was not started
	replicas    []*Replica
}

// Start starts a cluster with the CRD of IPPools, without the other manifests.
func Start(ctx context.Context) (*Cluster, error) {
	host, err := environment.HostAddress()
	if err != nil {
		return nil, err
	}
	files, err := environment.FindFiles(ctx)
	if err != nil {
		return nil, err
	}
	kubectl, found := files.Kubectl()
	if !found {
		return nil, errors.New("the control plane has no kubectl, which applies the manifests: run `make control-plane`")
	}
	plane, err := environment.StartControlPlane(ctx, environment.ControlPlaneOptions{
		CRDs:  []string{files.Manifest("crd")},
		Flags: map[string]string{"enable-aggregator-routing": "true"}, // the API server calls webhooks at their endpoints, not at ClusterIP
	})
	if err != nil {
		return nil, err
	}
	c := &Cluster{ControlPlane: plane, kubectl: kubectl, host: host}
	if err := c.start(ctx); err != nil {
		return nil, errors.Join(err, c.Stop(ctx))
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context) (err error) {
	if err := c.AllowAllUsersToWritePools(ctx); err != nil {
		return err
	}
	if c.admin, err = c.User(ctx, "admin", "system:masters"); err != nil {
		return err
	}
	if c.clientset, err = kubernetes.NewForConfig(c.admin.Config); err != nil {
		return err
	}
	types := runtime.NewScheme()
	if err := errors.Join(scheme.AddToScheme(types), certmanagerv1.AddToScheme(types)); err != nil {
		return err
	}
	c.Client, err = client.New(c.admin.Config, client.Options{Scheme: types})
	return err
}

// StartCertManager installs cert-manager.
func (c *Cluster) StartCertManager(ctx context.Context, log logr.Logger) error {
	module, err := environment.ModuleDir(ctx, "github.com/cert-manager/cert-manager")
	if err != nil {
		return err
	}
	crds, err := filepath.Glob(filepath.Join(module, "deploy", "crds", "*.yaml"))
	if err != nil {
		return err
	}
	if _, err := envtest.InstallCRDs(c.admin.Config, envtest.CRDInstallOptions{Paths: crds, ErrorIfPathMissing: true}); err != nil {
		return err
	}
	c.certManager, err = certmanager.Start(ctx, rest.CopyConfig(c.admin.Config), c.admin.Kubeconfig, log)
	return err
}

// Stop stops everything. It returns an error if a part failed before or does not stop.
func (c *Cluster) Stop(ctx context.Context) error {
	failures := make([]error, len(c.replicas))
	var ends sync.WaitGroup
	for i, replica := range c.replicas {
		ends.Go(func() { failures[i] = replica.end(ctx) })
	}
	ends.Wait()
	if c.certManager != nil {
		failures = append(failures, c.certManager.Stop())
	}
	return errors.Join(append(failures, c.ControlPlane.Stop())...)
}

// Apply applies an overlay of the manifests, by its name, with the component whereabouts-observe, so that the webhook is also
// called for requests of Whereabouts.
func (c *Cluster) Apply(ctx context.Context, overlay string) error {
	dir, err := os.MkdirTemp(c.Dir(), "kustomization-")
	if err != nil {
		return err
	}
	manifests, err := filepath.Rel(dir, c.Manifest())
	if err != nil {
		return err
	}
	text := fmt.Sprintf("resources: [%[1]s/overlays/%[2]s]\ncomponents: [%[1]s/components/whereabouts-observe]\n", manifests, overlay)
	if err := os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(text), 0o600); err != nil {
		return err
	}
	return c.Run(ctx, fmt.Sprintf("kubectl apply --server-side -k %q", dir))
}

// runTime is the timeout of Run, because a documented procedure waits until it succeeds.
const runTime = 2 * time.Minute

// Run runs a script with bash. kubectl is that of the control plane, with the permissions of a cluster administrator. The error
// contains each command and all output.
func (c *Cluster) Run(ctx context.Context, script string) error {
	ctx, cancel := context.WithTimeout(ctx, runTime)
	defer cancel()
	command := exec.CommandContext(ctx, "bash", "-euxo", "pipefail", "-c", script) //nolint:gosec // a test passes the script
	command.Dir = c.Dir()
	command.WaitDelay = time.Second // child processes can run longer than bash
	command.Env = append(os.Environ(), "KUBECONFIG="+c.admin.Kubeconfig, "HOME="+c.Dir(),
		"PATH="+filepath.Dir(c.kubectl)+string(filepath.ListSeparator)+os.Getenv("PATH"))
	out, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("bash: %w:\n%s", err, out)
	}
	return nil
}
