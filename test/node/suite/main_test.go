// Package suite tests the product in a cluster of one real node: real pods, with addresses that the real Whereabouts assigned. It runs
// inside the sandbox of the command node.
package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"ippool-webhook/test/environment"
	"ippool-webhook/test/tally"
)

const nodeName = "node-1" // the name that the command node gives it

// suite is the cluster that all rows share. They run one after the other.
//
//nolint:gochecknoglobals // a cluster is started once for all rows, and TestMain has no other way to hand it on
var suite struct {
	*environment.Files
	client    client.Client
	clientset kubernetes.Interface
	rows      tally.Tally
}

func TestMain(m *testing.M) {
	code := runAll(m)
	if code != 0 {
		fmt.Print("FAILED ") // also for failures outside the rows
	}
	fmt.Println("node:", &suite.rows)
	os.Exit(code)
}

func runAll(m *testing.M) int {
	if err := start(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// start connects to the cluster, and installs the networks of pods.
func start(ctx context.Context) (err error) {
	log.SetLogger(logr.Discard())
	kubeconfig := os.Getenv("KUBECONFIG")
	if kubeconfig == "" {
		return errors.New("KUBECONFIG is not set: run the suite with the command node, or with `make e2e-node`")
	}
	if suite.Files, err = environment.FindFiles(ctx); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	config.QPS = -1 // the limits of client-go are for API servers with other clients
	if suite.client, err = client.New(config, client.Options{}); err != nil {
		return err
	}
	if suite.clientset, err = kubernetes.NewForConfig(config); err != nil {
		return err
	}
	return installNetworks(ctx)
}
