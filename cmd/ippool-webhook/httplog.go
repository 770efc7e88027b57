package main

import (
	stdlog "log"
	"strings"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
)

// handshakeErrorPrefix begins the log line of net/http about a failed TLS handshake (http.Server.ErrorLog).
const handshakeErrorPrefix = "http: TLS handshake error from "

// httpLog writes the log lines of the servers of net/http to log, and counts failed TLS handshakes.
type httpLog struct {
	log             logr.Logger
	handshakeErrors prometheus.Counter
}

// takeHTTPLog makes the standard logger write to log, and registers a metric of failed TLS handshakes. The servers of
// controller-runtime write errors of their connections to the standard logger. The metric is ippool_webhook_tls_handshake_errors_total.
func takeHTTPLog(log logr.Logger, registry prometheus.Registerer) error {
	handshakeErrors := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "ippool_webhook_tls_handshake_errors_total",
		Help: "Failed TLS handshakes: rejected by the client or the webhook, or not completed by the client.",
	})
	if err := registry.Register(handshakeErrors); err != nil {
		return err
	}
	stdlog.SetFlags(0)
	stdlog.SetOutput(httpLog{log, handshakeErrors})
	return nil
}

// Write implements io.Writer. It takes one line, as the standard logger writes it.
func (h httpLog) Write(line []byte) (int, error) {
	text := strings.TrimSpace(string(line))
	if handshake, ok := strings.CutPrefix(text, handshakeErrorPrefix); ok {
		client, reason, _ := strings.Cut(handshake, ": ")
		h.handshakeErrors.Inc()
		h.log.Info("TLS handshake error", "client", client, "reason", reason)
	} else {
		h.log.Info(text)
	}
	return len(line), nil
}
