// Package server serves the webhook with the manager of controller-runtime: TLS, health, metrics and graceful shutdown. It needs no
// API server.
package server

import (
	"context"
	"crypto/tls"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"

	"ippool-webhook/certs"
	"ippool-webhook/webhook/admission"
)

// The paths of the webhooks, as the webhook configurations name them. The path decides the mode: ValidatePath enforces,
// ObservePath observes, and MutatePath normalizes.
const (
	ValidatePath = "/validate-whereabouts-cni-cncf-io-v1alpha1-ippool"
	ObservePath  = ValidatePath + "/observe"
	MutatePath   = "/mutate-whereabouts-cni-cncf-io-v1alpha1-ippool"
)

// Options of Run.
type Options struct {
	// BindAddress and Port are the address on which the webhooks listen. An empty BindAddress means all addresses.
	BindAddress string
	Port        int
	// MetricsBindAddress and HealthProbeBindAddress are host:port. "0" turns the server off.
	MetricsBindAddress     string
	HealthProbeBindAddress string

	Certificates *certs.Source
	// TLS changes the TLS configuration. The functions are called in order.
	TLS []func(*tls.Config)

	Evaluator *admission.Evaluator
	Limits    Limits
	// DrainQuietPeriod is the time without requests after which a server that drains exits.
	DrainQuietPeriod time.Duration

	Log      logr.Logger
	Registry prometheus.Registerer
}

// Run serves until ctx has ended and the server has drained. It returns an error if it cannot serve.
func Run(ctx context.Context, o Options) error {
	handlers, err := Handlers(o.Evaluator, o.Limits, o.Registry, o.Log)
	if err != nil {
		return err
	}
	mgr, err := newManager(o)
	if err != nil {
		return err
	}
	if err := o.Registry.Register(certs.NewCollector(o.Certificates)); err != nil {
		return err
	}
	drain := &drain{quiet: o.DrainQuietPeriod}
	webhooks := mgr.GetWebhookServer()
	for path, handler := range handlers {
		webhooks.Register(path, drain.watch(handler))
	}
	if err := mgr.Add(o.Certificates); err != nil {
		return err
	}
	if err := addChecks(mgr, o.Certificates, webhooks, drain); err != nil {
		return err
	}
	return mgr.Start(drain.until(ctx))
}
