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

// newManager returns a manager that runs the webhook server, the health server and the metrics server. A manager needs the
// configuration of a client, but this manager never connects to an API server.
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

// addChecks adds the liveness and readiness checks. The server is alive while it responds. It is ready while it has a valid
// certificate, the webhook server accepts connections, and the server does not drain.
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

// once runs a check until it has passed. The check of the webhook server connects without a client certificate. If the server requires
// one, each probe would log a TLS handshake error. After the webhook server has started, it runs until the process exits.
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
