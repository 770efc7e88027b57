// Package environment runs the webhook for tests as a cluster runs it: a real kube-apiserver with etcd, the CRD and the webhook
// configurations of the project, and ippool-webhook as a process.
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

// Options configure the webhook. The zero value has the defaults of an installation.
type Options struct {
	// Policy is the text of the Policy for --config.
	Policy string
	// Flags are further flags of serve.
	Flags []string
	// CRDs are the paths of the definitions to install. By default, it is the CRD of the project.
	CRDs []string
	// Components are the components of the manifests that change the webhook configurations. By default, requests of
	// Whereabouts are not sent to the webhook.
	Components []string
	// WhereaboutsTimeoutSeconds is how long the API server waits for an answer about a request of Whereabouts, if a component
	// sends it to the webhook. The default 0 is the shipped value. After that time the request is allowed, which would break a
	// test of the answer on a slow machine.
	WhereaboutsTimeoutSeconds int32
}

// Environment is a control plane and the webhook that validates its IPPools. Its methods are for one goroutine at a time,
// except Admin and Namespace.
type Environment struct {
	*ControlPlane
	Webhook *Webhook

	whereaboutsTimeout int32          // in seconds, for Configure; 0 is the shipped value
	installed          map[string]any // the schema of the CRD before the first SetSchema, or nil
}

// Main runs the tests of a package against one environment. It passes the environment to use before the first test, and stops
// it after the last one. It returns the exit code for TestMain.
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

// Start starts an environment. When it returns, requests are sent to both webhooks.
func Start(ctx context.Context, o Options) (*Environment, error) {
	log.SetLogger(logr.Discard()) // envtest returns its errors, and controller-runtime warns about a missing logger
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
	if err := e.AllowAllUsersToWritePools(ctx); err != nil {
		return err
	}
	// Without a process, the API server rejects what the validating configuration sends to the webhook, so the configuration
	// can be observed with every policy.
	if err := e.awaitRejection(ctx); err != nil {
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

// Stop stops everything and removes its files. It returns an error if the webhook does not exit with code 0.
func (e *Environment) Stop(ctx context.Context) error {
	var failure error
	if e.Webhook != nil {
		failure = e.Webhook.Stop(ctx)
	}
	return errors.Join(failure, e.ControlPlane.Stop())
}
