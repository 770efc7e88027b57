package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	peer "ippool-webhook/webhook/admissiontest/typed"
	"ippool-webhook/webhook/server"
)

// peersCommand is the first argument of the process that serves the peers.
const peersCommand = "peers"

// noOpPath is the path of the webhook that answers immediately. The typed validator has the path of ippool-webhook.
const noOpPath = "/no-op"

// servePeers serves the webhooks that ippool-webhook is compared with, as the documentation of controller-runtime describes.
func servePeers(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet(peersCommand, flag.ExitOnError)
	port := flags.Int("port", 0, "port on 127.0.0.1")
	certDir := flags.String("cert-dir", "", "directory that contains tls.crt and tls.key")
	metrics := flags.String("metrics-bind-address", "", "address of /metrics")
	if err := flags.Parse(args); err != nil {
		return err
	}
	log.SetLogger(logr.Discard())
	mgr, err := manager.New(&rest.Config{}, manager.Options{
		Scheme:         runtime.NewScheme(),
		MapperProvider: func(*rest.Config, *http.Client) (meta.RESTMapper, error) { return meta.NewDefaultRESTMapper(nil), nil },
		Metrics:        metricsserver.Options{BindAddress: *metrics},
		WebhookServer:  webhook.NewServer(webhook.Options{Host: "127.0.0.1", Port: *port, CertDir: *certDir}),
	})
	if err != nil {
		return err
	}
	mgr.GetWebhookServer().Register(server.ValidatePath, peer.NewHandler())
	mgr.GetWebhookServer().Register(noOpPath, http.HandlerFunc(allowUnread))
	if err := mgr.Start(ctx); err != nil {
		return fmt.Errorf("the peers have ended: %w", err)
	}
	return nil
}
