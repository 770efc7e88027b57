// Package deploy tests what a platform team installs: the chart, the overlays, the image and the monitoring, each with the
// tools of a cluster administrator.
package deploy

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/yaml"

	"ippool-webhook/test/environment"
	"ippool-webhook/test/tally"
)

const (
	name      = "ippool-webhook" // name of the release, of its namespace, and of most objects
	adminName = "jane"           // a user with all permissions
)

// suite is the API server that all rows share. They run one after the other.
//
//nolint:gochecknoglobals // a control plane is started once for all rows, and TestMain has no other way to hand it on
var suite struct {
	*environment.ControlPlane
	admin client.Client
	jane  *environment.User
	rows  tally.Tally
}

func TestMain(m *testing.M) {
	code := runAll(m)
	if code != 0 {
		fmt.Print("FAILED ") // also for failures outside the rows
	}
	fmt.Println("deploy:", &suite.rows)
	os.Exit(code)
}

func runAll(m *testing.M) (code int) {
	err := start(context.Background())
	if err == nil {
		code = m.Run()
	}
	if suite.ControlPlane != nil {
		err = errors.Join(err, suite.Stop())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// start starts an API server with all CRDs that the manifests need, without the webhook.
func start(ctx context.Context) (err error) {
	log.SetLogger(logr.Discard())
	dir, err := os.MkdirTemp("", "ippool-webhook-test-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	definitions, err := definitions(ctx, dir)
	if err != nil {
		return err
	}
	if suite.ControlPlane, err = environment.StartControlPlane(ctx, environment.ControlPlaneOptions{
		CRDs: definitions,
		// As in a cluster, a call of a Service without endpoints fails immediately.
		Flags: map[string]string{"enable-aggregator-routing": "true"},
	}); err != nil {
		return err
	}
	config := suite.Admin()
	config.QPS, config.Burst = 1000, 2000 // the limits of client-go are for API servers with other clients
	if suite.admin, err = client.New(config, client.Options{}); err != nil {
		return err
	}
	if suite.jane, err = suite.AddUser(adminName, "system:masters"); err != nil {
		return err
	}
	return makeNamespace(ctx)
}

// makeNamespace creates the namespace of the manifests.
func makeNamespace(ctx context.Context) error {
	text, err := os.ReadFile(suite.Manifest("base", "namespace.yaml"))
	if err != nil {
		return err
	}
	var namespace corev1.Namespace
	if err := yaml.UnmarshalStrict(text, &namespace); err != nil {
		return err
	}
	return suite.admin.Create(ctx, &namespace)
}
