// Command controller runs the controllers of cert-manager in a pod, with the service account of the pod. It ignores its arguments: the
// controllers have their defaults.
package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"

	"ippool-webhook/test/certs/certmanager"
)

// health is the address of the liveness probe in the chart of cert-manager.
const health = ":9403"

func main() {
	log := funcr.New(func(prefix, args string) { println(prefix, args) }, funcr.Options{LogTimestamp: true})
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, log); err != nil {
		log.Error(err, "the controllers have failed")
		os.Exit(1) //nolint:gocritic // the process ends
	}
}

func run(ctx context.Context, log logr.Logger) error {
	m, err := certmanager.StartControllers(ctx, "", log)
	if err != nil {
		return err
	}
	server := &http.Server{
		Addr: health, ReadHeaderTimeout: time.Second,
		Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), // the process lives
	}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return errors.Join(err, m.Stop())
	}
	return m.Stop()
}
