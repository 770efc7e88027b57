// Package environment runs the webhook as a cluster runs it, for tests: a real kube-apiserver with etcd, the project's own
// CRD and webhook configurations, and the project's own program as a process of its own.
package environment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

// Options say how the webhook runs. The zero value is what a cluster gets that changes nothing.
type Options struct {
	// Policy is the text of the Policy for --config.
	Policy string
	// Flags are further flags of serve.
	Flags []string
	// CRDs are the paths of the definitions to install. None stands for the project's own.
	CRDs []string
	// Components are the components of the manifests that change the webhook configurations; without any, requests of Whereabouts
	// are not sent to the webhook.
	Components []string
	// WhereaboutsTimeoutSeconds is how long the API server waits for an answer about a request of Whereabouts, where a component
	// sends it to the webhook; 0 stands for what is shipped. After that the request goes on, which a test that looks at the answer
	// cannot bear on a slow machine.
	WhereaboutsTimeoutSeconds int32
}

// Environment is a control plane and the webhook that guards its IPPools. Its methods are for one goroutine at a time, but for
// Admin and Namespace.
type Environment struct {
	*ControlPlane
	Webhook *Webhook

	whereaboutsTimeout int32          // in seconds, of what Configure installs; 0 for what is shipped
	installed          map[string]any // the schema of the CRD before SetSchema; nil while that was not called
}

// Main runs the tests of a package against one environment, which it hands to use before the first and stops after the
// last. It returns the exit code for TestMain.
func Main(m *testing.M, o Options, use func(*Environment) error) int {
	ctx := context.Background()
	e, err := Start(ctx, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := 1
	if err = use(e); err == nil {
		code = m.Run()
	}
	if err = errors.Join(err, e.Stop(ctx)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// Start starts an environment. It is ready: what is written from now on meets both webhooks.
func Start(ctx context.Context, o Options) (*Environment, error) {
	log.SetLogger(logr.Discard()) // envtest returns what matters, and controller-runtime complains where no logger is set
	files, err := FindFiles(ctx)
	if err != nil {
		return nil, err
	}
	if len(o.CRDs) == 0 {
		o.CRDs = []string{files.Manifest("crd")}
	}
	plane, err := StartControlPlane(ctx, ControlPlaneOptions{CRDs: o.CRDs, Webhooks: []string{
		files.Manifest("base", "validating-webhook.yaml"),
		files.Manifest("base", "mutating-webhook.yaml"),
	}})
	if err != nil {
		return nil, err
	}
	e := &Environment{ControlPlane: plane, whereaboutsTimeout: o.WhereaboutsTimeoutSeconds}
	if err := e.start(ctx, o); err != nil {
		return nil, errors.Join(err, e.Stop(ctx))
	}
	return e, nil
}

func (e *Environment) start(ctx context.Context, o Options) error {
	if err := e.LetEverybodyWritePools(ctx); err != nil {
		return err
	}
	// Without a process behind it, the validating configuration shows itself by what it refuses, whatever the policy.
	if err := e.awaitRefusal(ctx); err != nil {
		return err
	}
	serving := e.plane.WebhookInstallOptions
	webhook, err := e.NewWebhook(ctx, serving.LocalServingCertDir, serving.LocalServingHost, serving.LocalServingPort)
	if err != nil {
		return err
	}
	e.Webhook = webhook
	if err := e.Webhook.Start(ctx, o); err != nil {
		return err
	}
	if len(o.Components) == 0 {
		return e.awaitNormalization(ctx)
	}
	return e.Configure(ctx, o.Components...)
}

// Stop stops everything and removes its files. It returns an error where the webhook does not end as it should.
func (e *Environment) Stop(ctx context.Context) error {
	var failure error
	if e.Webhook != nil {
		failure = e.Webhook.Stop(ctx)
	}
	return errors.Join(failure, e.ControlPlane.Stop())
}
