// Command cainjector runs the cainjector of cert-manager in a pod, with the service account of the pod. It ignores its arguments.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	"k8s.io/client-go/rest"

	"ippool-webhook/test/certs/certmanager"
)

func main() {
	log := funcr.New(func(prefix, args string) { println(prefix, args) }, funcr.Options{LogTimestamp: true})
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, log); err != nil {
		log.Error(err, "the cainjector has failed")
		os.Exit(1) //nolint:gocritic // the process ends
	}
}

func run(ctx context.Context, log logr.Logger) error {
	config, err := rest.InClusterConfig()
	if err != nil {
		return err
	}
	m, err := certmanager.StartInjector(ctx, config, log)
	if err != nil {
		return err
	}
	<-ctx.Done()
	return m.Stop()
}
