package environment

import (
	"context"
	"errors"
	"fmt"
	"os"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// ControlPlaneOptions configure a control plane.
type ControlPlaneOptions struct {
	// CRDs are the paths of the definitions to install, files or folders.
	CRDs []string
	// Webhooks are the paths of the webhook configurations to install. Their clientConfig.service becomes a URL of this
	// machine. Everything else stays.
	Webhooks []string
	// Flags are additional flags of kube-apiserver, without dashes.
	Flags map[string]string
}

// ControlPlane is a kube-apiserver with etcd. Its methods are for one goroutine at a time, except Admin and Namespace.
type ControlPlane struct {
	*Files

	plane *envtest.Environment
	dir   string // for temporary files
}

// StartControlPlane starts a control plane. It returns once the definitions are served and the webhook configurations stored.
func StartControlPlane(ctx context.Context, o ControlPlaneOptions) (*ControlPlane, error) {
	files, err := FindFiles(ctx)
	if err != nil {
		return nil, err
	}
	p := &ControlPlane{Files: files}
	if err := p.start(o); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	return p, nil
}

func (p *ControlPlane) start(o ControlPlaneOptions) error {
	dir, err := os.MkdirTemp("", "ippool-webhook-test-")
	if err != nil {
		return err
	}
	p.dir = dir
	apiserver, err := p.program("kube-apiserver")
	if err != nil {
		return err
	}
	etcd, err := p.program("etcd")
	if err != nil {
		return err
	}
	p.plane = &envtest.Environment{
		ControlPlane:          envtest.ControlPlane{APIServer: &envtest.APIServer{Path: apiserver}, Etcd: &envtest.Etcd{Path: etcd}},
		CRDDirectoryPaths:     o.CRDs,
		ErrorIfCRDPathMissing: true,
		// By default, envtest kills a process that has not started after 20 s, which happens on a busy machine, and starts it
		// again.
		ControlPlaneStartTimeout: patience,
		WebhookInstallOptions:    envtest.WebhookInstallOptions{Paths: o.Webhooks},
	}
	for name, value := range o.Flags {
		p.plane.ControlPlane.APIServer.Configure().Set(name, value)
	}
	if err := errors.Join(p.audit(), p.authenticate()); err != nil {
		return err
	}
	if _, err := p.plane.Start(); err != nil {
		return fmt.Errorf("cannot start the control plane: %w", err)
	}
	return nil
}

// Stop stops the control plane and removes its files.
func (p *ControlPlane) Stop() error {
	var failure error
	if p.plane != nil && p.plane.Config != nil { // a control plane that has not started cannot be stopped
		failure = p.plane.Stop()
	}
	return errors.Join(failure, os.RemoveAll(p.dir))
}

// Dir returns the path of a folder for temporary files, which Stop removes.
func (p *ControlPlane) Dir() string { return p.dir }

// Admin returns a connection of a member of system:masters to the API server. To the webhook configurations it is a user.
func (p *ControlPlane) Admin() *rest.Config { return rest.CopyConfig(p.plane.Config) }
