package main

import (
	stdlog "log"
	"strings"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
)

// refusedHandshake begins what net/http has to say about a connection that never became one (http.Server.ErrorLog).
const refusedHandshake = "http: TLS handshake error from "

// httpLog takes what net/http's servers would print, and counts the refused handshakes among it.
type httpLog struct {
	log     logr.Logger
	refused prometheus.Counter
}

// takeHTTPLog makes the standard logger, to which controller-runtime's servers leave the errors of their connections,
// write to log, and registers the metric ippool_webhook_tls_handshake_errors_total.
func takeHTTPLog(log logr.Logger, registry prometheus.Registerer) error {
	refused := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "ippool_webhook_tls_handshake_errors_total",
		Help: "TLS handshakes that either side refused, or that a client left.",
	})
	if err := registry.Register(refused); err != nil {
		return err
	}
	stdlog.SetFlags(0)
	stdlog.SetOutput(httpLog{log, refused})
	return nil
}

// Write implements io.Writer. It takes one line, as the standard logger writes it.
func (h httpLog) Write(line []byte) (int, error) {
	text := strings.TrimSpace(string(line))
	if handshake, ok := strings.CutPrefix(text, refusedHandshake); ok {
		client, reason, _ := strings.Cut(handshake, ": ")
		h.refused.Inc()
		h.log.Info("refused TLS handshake", "client", client, "reason", reason)
	} else {
		h.log.Info(text)
	}
	return len(line), nil
}
