package certs

import "github.com/prometheus/client_golang/prometheus"

// collector collects the metrics of a source.
type collector struct {
	source                   *Source
	expiry, reloads, failure *prometheus.Desc
}

// NewCollector returns the metrics of a source, each with the label source:
//   - ippool_webhook_certificate_expiry_timestamp_seconds: expiry in seconds since 1970; absent without a certificate
//   - ippool_webhook_certificate_reloads_total: certificates that replaced another certificate
//   - ippool_webhook_certificate_reload_errors_total: failed attempts to load a certificate
func NewCollector(source *Source) prometheus.Collector {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("ippool_webhook_certificate_"+name, help, nil, prometheus.Labels{"source": source.Name})
	}
	return collector{
		source:  source,
		expiry:  desc("expiry_timestamp_seconds", "Time at which the serving certificate expires, in seconds since 1970; absent without a certificate."),
		reloads: desc("reloads_total", "Serving certificates that replaced another serving certificate."),
		failure: desc("reload_errors_total", "Failed attempts to load a serving certificate. The current certificate is still served."),
	}
}

// Describe implements prometheus.Collector.
func (c collector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.expiry
	ch <- c.reloads
	ch <- c.failure
}

// Collect implements prometheus.Collector.
func (c collector) Collect(ch chan<- prometheus.Metric) {
	if at, ok := c.source.Expiry(); ok {
		ch <- prometheus.MustNewConstMetric(c.expiry, prometheus.GaugeValue, float64(at.Unix()))
	}
	ch <- prometheus.MustNewConstMetric(c.reloads, prometheus.CounterValue, float64(c.source.replaced()))
	ch <- prometheus.MustNewConstMetric(c.failure, prometheus.CounterValue, c.source.failures())
}
