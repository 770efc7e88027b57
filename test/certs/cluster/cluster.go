// Package cluster is a control plane, with or without cert-manager, to which the manifests are applied unchanged. It has no
// nodes: replicas are processes of this machine, and this package does the work of kubelets and of the EndpointSlice
// controller. The API server resolves the Service with the EndpointSlices itself, so no network routes its ClusterIP.
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
		return nil, errors.New("the control plane came without kubectl, which applies the manifests: run `make control-plane`")
	}
	plane, err := environment.StartControlPlane(ctx, environment.ControlPlaneOptions{
		CRDs:  []string{files.Manifest("crd")},
		Flags: map[string]string{"enable-aggregator-routing": "true"}, // webhooks are called through endpoints, not through ClusterIP
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
	if err := c.LetEverybodyWritePools(ctx); err != nil {
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
	crds, err := certmanager.CRDs(ctx)
	if err != nil {
		return err
	}
	if _, err := envtest.InstallCRDs(c.admin.Config, envtest.CRDInstallOptions{Paths: crds, ErrorIfPathMissing: true}); err != nil {
		return err
	}
	c.certManager, err = certmanager.Start(ctx, rest.CopyConfig(c.admin.Config), c.admin.Kubeconfig, log)
	return err
}

// Stop stops everything. It returns an error if a part had failed or does not stop.
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

// Apply applies an overlay of the manifests, by its name, with the component whereabouts-observe, so that requests of
// Whereabouts show failed calls too.
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

// runTime bounds the duration of Run: documented procedures wait until they have succeeded.
const runTime = 2 * time.Minute

// Run runs a text with bash, with the kubectl of the control plane as a cluster administrator. The error has all output and
// each command.
func (c *Cluster) Run(ctx context.Context, script string) error {
	ctx, cancel := context.WithTimeout(ctx, runTime)
	defer cancel()
	command := exec.CommandContext(ctx, "bash", "-euxo", "pipefail", "-c", script) //nolint:gosec // a test says what to run
	command.Dir = c.Dir()
	command.WaitDelay = time.Second // processes that bash has started can run longer than bash
	command.Env = append(os.Environ(), "KUBECONFIG="+c.admin.Kubeconfig, "HOME="+c.Dir(),
		"PATH="+filepath.Dir(c.kubectl)+string(filepath.ListSeparator)+os.Getenv("PATH"))
	out, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w of bash:\n%s", err, out)
	}
	return nil
}
