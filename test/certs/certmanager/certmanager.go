// Package certmanager runs the controllers of cert-manager that the manifests need, and its cainjector, in this process, with
// any API server.
package certmanager

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"

	"ippool-webhook/test/environment"
)

// CRDs returns the paths of the CRDs of cert-manager, from its module.
func CRDs(ctx context.Context) ([]string, error) {
	dir, err := environment.ModuleDir(ctx, "github.com/cert-manager/cert-manager")
	if err != nil {
		return nil, err
	}
	return filepath.Glob(filepath.Join(dir, "deploy", "crds", "*.yaml"))
}

// CertManager is a running cert-manager.
type CertManager struct {
	cancel context.CancelFunc
	parts  sync.WaitGroup

	mu       sync.Mutex
	failures []error // errors of parts that ended by themselves
}

// Start starts cert-manager. The controllers use the file kubeconfig, and the cainjector uses config. Both must have the
// permissions of a cluster administrator. cert-manager runs until Stop, even if ctx ends.
func Start(ctx context.Context, config *rest.Config, kubeconfig string, log logr.Logger) (*CertManager, error) {
	ctx, cancel := context.WithCancel(logr.NewContext(context.WithoutCancel(ctx), log))
	m := &CertManager{cancel: cancel}
	if err := m.startControllers(ctx, kubeconfig); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot start the controllers of cert-manager: %w", err), m.Stop())
	}
	if err := m.startInjector(ctx, config, log); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot start the cainjector of cert-manager: %w", err), m.Stop())
	}
	return m, nil
}

// run runs a part until ctx ends.
func (m *CertManager) run(ctx context.Context, name string, part func(context.Context) error) {
	m.parts.Go(func() {
		err := part(ctx)
		if ctx.Err() == nil {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.failures = append(m.failures, fmt.Errorf("%s of cert-manager has ended: %w", name, err))
		}
	})
}

// Stop stops all parts. It returns an error if a part ended before.
func (m *CertManager) Stop() error {
	m.cancel()
	m.parts.Wait()
	return errors.Join(m.failures...)
}
