package certs

import "github.com/prometheus/client_golang/prometheus"

// expiry tells when the certificate of a source expires.
type expiry struct {
	source *Source
	desc   *prometheus.Desc
}

// NewCollector returns the metric ippool_webhook_certificate_expiry_timestamp_seconds of a source, in seconds since 1970. It
// is absent while there is no certificate. How often files were read, and could not be, certwatcher counts itself
// (certwatcher_read_certificate_total, certwatcher_read_certificate_errors_total).
func NewCollector(source *Source) prometheus.Collector {
	return expiry{source, prometheus.NewDesc("ippool_webhook_certificate_expiry_timestamp_seconds",
		"When the serving certificate expires, in seconds since 1970; absent while there is none.",
		nil, prometheus.Labels{"source": source.Name})}
}

// Describe implements prometheus.Collector.
func (e expiry) Describe(ch chan<- *prometheus.Desc) { ch <- e.desc }

// Collect implements prometheus.Collector.
func (e expiry) Collect(ch chan<- prometheus.Metric) {
	if at, ok := e.source.Expiry(); ok {
		ch <- prometheus.MustNewConstMetric(e.desc, prometheus.GaugeValue, float64(at.Unix()))
	}
}
