package server

import (
	"crypto/tls"
	"net/http"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	"ippool-webhook/certs"
)

// newManager returns a manager that runs the servers of webhooks, health and metrics. A manager needs the address of an API
// server; this one never connects to it.
func newManager(o Options) (manager.Manager, error) {
	serveCertificate := func(c *tls.Config) { c.GetCertificate = o.Certificates.GetCertificate }
	return manager.New(&rest.Config{}, manager.Options{
		Scheme: runtime.NewScheme(),
		MapperProvider: func(*rest.Config, *http.Client) (meta.RESTMapper, error) {
			return meta.NewDefaultRESTMapper(nil), nil
		},
		Logger:                 o.Log,
		Metrics:                metricsserver.Options{BindAddress: o.MetricsBindAddress},
		HealthProbeBindAddress: o.HealthProbeBindAddress,
		WebhookServer: webhook.NewServer(webhook.Options{
			Host: o.BindAddress, Port: o.Port, TLSOpts: append([]func(*tls.Config){serveCertificate}, o.TLS...),
		}),
	})
}

// addChecks makes the server alive as long as it answers, and ready while it can validate: a certificate is served, the
// webhooks accept connections, and the server is not draining.
func addChecks(mgr manager.Manager, certificates *certs.Source, webhooks webhook.Server, d *drain) error {
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return err
	}
	for name, check := range map[string]healthz.Checker{
		"certificate": func(*http.Request) error { return certificates.Check(time.Now()) },
		"webhook":     once(webhooks.StartedChecker()),
		"drain":       d.check,
	} {
		if err := mgr.AddReadyzCheck(name, check); err != nil {
			return err
		}
	}
	return nil
}

// once runs a check until it has passed. The check of the webhook server connects to it as a client without a certificate,
// which the server may reject and would log at every probe. A server that has started ends only with the process.
func once(check healthz.Checker) healthz.Checker {
	var passed atomic.Bool
	return func(r *http.Request) error {
		if passed.Load() {
			return nil
		}
		err := check(r)
		passed.Store(err == nil)
		return err
	}
}
