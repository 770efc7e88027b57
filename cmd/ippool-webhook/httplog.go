package main

import (
	stdlog "log"
	"strings"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
)

// handshakeErrorPrefix is the beginning of a log line of net/http about a TLS handshake error (http.Server.ErrorLog).
const handshakeErrorPrefix = "http: TLS handshake error from "

// httpLog writes the log lines of net/http servers to log, and counts TLS handshake errors.
type httpLog struct {
	log             logr.Logger
	handshakeErrors prometheus.Counter
}

// redirectHTTPLog makes the standard logger write to log, and registers the metric ippool_webhook_tls_handshake_errors_total. The
// servers of controller-runtime write connection errors to the standard logger.
func redirectHTTPLog(log logr.Logger, registry prometheus.Registerer) error {
	handshakeErrors := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "ippool_webhook_tls_handshake_errors_total",
		Help: "TLS handshake errors: handshakes that the client or the webhook rejected, or that the client did not complete.",
	})
	if err := registry.Register(handshakeErrors); err != nil {
		return err
	}
	stdlog.SetFlags(0)
	stdlog.SetOutput(httpLog{log, handshakeErrors})
	return nil
}

// Write implements io.Writer. The standard logger calls it once for each line.
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
