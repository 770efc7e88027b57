// Package cluster is a cluster in which Whereabouts runs, for tests: an environment with the definitions, the rights and
// the service account that Whereabouts' own manifests give it, and its released plugin, which is called as a container
// runtime calls it. There are no nodes and no containers: nothing that Whereabouts reads or writes is on them.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	wbclient "github.com/k8snetworkplumbingwg/whereabouts/pkg/generated/clientset/versioned"

	"ippool-webhook/test/environment"
)

// Username is who Whereabouts is to the API server.
const Username = "system:serviceaccount:" + accountNamespace + ":" + accountName

// Cluster is an environment with Whereabouts. It is for one goroutine at a time, but for the runtimes that it makes.
type Cluster struct {
	*environment.Environment
	// Binaries are the programs of Whereabouts, which Main finds.
	Binaries Binaries

	token string // of the service account
}

// Main runs the tests of a package against one cluster, as environment.Main does.
func Main(m *testing.M, o environment.Options, use func(*Cluster) error) int {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "whereabouts-test-")
	if err == nil {
		defer func() { _ = os.RemoveAll(dir) }()
		o.CRDs, err = definitions(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return environment.Main(m, o, func(e *environment.Environment) error {
		c, err := prepare(ctx, e)
		if err != nil {
			return err
		}
		if c.Binaries, err = findBinaries(ctx, e.Path("test", "whereabouts", "release"), dir); err != nil {
			return err
		}
		return use(c)
	})
}

// Start starts a cluster. It is ready.
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

// prepare makes a cluster out of an environment that has the definitions.
func prepare(ctx context.Context, e *environment.Environment) (*Cluster, error) {
	c := &Cluster{Environment: e}
	var err error
	if err := c.grant(ctx); err != nil {
		return nil, fmt.Errorf("cannot give Whereabouts its rights: %w", err)
	}
	if c.token, err = c.newToken(ctx); err != nil {
		return nil, fmt.Errorf("cannot make a token for Whereabouts: %w", err)
	}
	return c, nil
}

// definitions returns the paths of the CRDs of Whereabouts and of the networks that it serves.
func definitions(ctx context.Context) ([]string, error) {
	whereabouts, err := moduleDir(ctx, "github.com/k8snetworkplumbingwg/whereabouts")
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

// moduleDir returns where the source of a module that this one requires is.
func moduleDir(ctx context.Context, module string) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module).CombinedOutput() //nolint:gosec // module is a constant
	if err != nil {
		return "", fmt.Errorf("cannot find the module %s: %w\n%s", module, err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// Clientset returns Whereabouts' own client with the rights of its service account.
func (c *Cluster) Clientset() (*wbclient.Clientset, error) { return wbclient.NewForConfig(c.Account()) }
