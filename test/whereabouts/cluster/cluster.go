// Package cluster provides a cluster with Whereabouts for tests. Its environment has the CRDs, the permissions and the service
// account in the manifests of Whereabouts. Tests call the released plugin as a container runtime does. There are no nodes and
// no containers, because Whereabouts does not read or write anything on them.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-logr/logr"
	wbclient "github.com/k8snetworkplumbingwg/whereabouts/pkg/generated/clientset/versioned"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/logging"
	"k8s.io/klog/v2"

	"ippool-webhook/test/environment"
)

// whereaboutsModule is the module path of Whereabouts.
const whereaboutsModule = "github.com/k8snetworkplumbingwg/whereabouts"

// Username is the user name of Whereabouts.
const Username = "system:serviceaccount:" + accountNamespace + ":" + accountName

// Cluster is an environment with Whereabouts. Several goroutines can call the methods that create runtimes and clients.
type Cluster struct {
	*environment.Environment
	// Binaries are the programs of Whereabouts, which Main builds.
	Binaries Binaries

	token string // of the service account
}

// Main runs the tests of a package against one cluster, as environment.Main does.
func Main(m *testing.M, o environment.Options, use func(*Cluster) error) int {
	ctx := context.Background()
	var err error
	if o.CRDs, err = definitions(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return environment.Main(m, o, func(e *environment.Environment) error {
		c, err := prepare(ctx, e)
		if err != nil {
			return err
		}
		if c.Binaries, err = buildBinaries(ctx, e.Path("test", "whereabouts", "release")); err != nil {
			return err
		}
		return use(c)
	})
}

// Start starts a cluster and returns once it is ready.
func Start(ctx context.Context, o environment.Options) (*Cluster, error) {
	var err error
	if o.CRDs, err = definitions(ctx); err != nil {
		return nil, err
	}
	e, err := environment.Start(ctx, o)
	if err != nil {
		return nil, err
	}
	c, err := prepare(ctx, e)
	if err != nil {
		return nil, errors.Join(err, e.Stop(ctx))
	}
	return c, nil
}

// prepare prepares an environment that has the CRDs.
func prepare(ctx context.Context, e *environment.Environment) (*Cluster, error) {
	// The packages of Whereabouts log a lot in this process.
	logging.SetLogStderr(false)
	klog.SetLogger(logr.Discard())
	c := &Cluster{Environment: e}
	if err := c.grant(ctx); err != nil {
		return nil, fmt.Errorf("cannot grant Whereabouts its permissions: %w", err)
	}
	if err := c.logIn(ctx); err != nil {
		return nil, fmt.Errorf("cannot log in as Whereabouts: %w", err)
	}
	return c, nil
}

// definitions returns the paths of the CRDs of Whereabouts and of its networks.
func definitions(ctx context.Context) ([]string, error) {
	whereabouts, err := moduleDir(ctx, whereaboutsModule)
	if err != nil {
		return nil, err
	}
	networks, err := moduleDir(ctx, "github.com/k8snetworkplumbingwg/network-attachment-definition-client")
	if err != nil {
		return nil, err
	}
	own, err := filepath.Glob(filepath.Join(whereabouts, "doc", "crds", "whereabouts.cni.cncf.io_*.yaml"))
	if err != nil {
		return nil, err
	}
	return append(own, filepath.Join(networks, "artifacts", "networks-crd.yaml")), nil
}

// Clientset returns the client of Whereabouts with the permissions of its service account.
func (c *Cluster) Clientset() (*wbclient.Clientset, error) { return wbclient.NewForConfig(c.Account()) }
