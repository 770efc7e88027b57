// Package certmanager runs the controllers of cert-manager that the manifests need, and its cainjector, in this process, with
// any API server.
package certmanager

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
)

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
	m, ctx := prepare(ctx, log)
	if err := errors.Join(m.startControllers(ctx, kubeconfig), m.startInjector(ctx, config, log)); err != nil {
		return nil, errors.Join(err, m.Stop())
	}
	return m, nil
}

// StartControllers starts only the controllers. Without a kubeconfig, they use the service account of their pod.
func StartControllers(ctx context.Context, kubeconfig string, log logr.Logger) (*CertManager, error) {
	m, ctx := prepare(ctx, log)
	if err := m.startControllers(ctx, kubeconfig); err != nil {
		return nil, errors.Join(err, m.Stop())
	}
	return m, nil
}

// StartInjector starts only the cainjector.
func StartInjector(ctx context.Context, config *rest.Config, log logr.Logger) (*CertManager, error) {
	m, ctx := prepare(ctx, log)
	if err := m.startInjector(ctx, config, log); err != nil {
		return nil, errors.Join(err, m.Stop())
	}
	return m, nil
}

// prepare returns cert-manager without any part, and the context of its parts.
func prepare(ctx context.Context, log logr.Logger) (*CertManager, context.Context) {
	ctx, cancel := context.WithCancel(logr.NewContext(context.WithoutCancel(ctx), log))
	return &CertManager{cancel: cancel}, ctx
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
