package certs

import "github.com/prometheus/client_golang/prometheus"

// collector collects the metrics of a source.
type collector struct {
	source                   *Source
	expiry, reloads, failure *prometheus.Desc
}

// NewCollector returns the metrics of a source, each with the label source:
//   - ippool_webhook_certificate_expiry_timestamp_seconds, in seconds since 1970, absent while there is no certificate
//   - ippool_webhook_certificate_reloads_total, the number of times that a certificate replaced another
//   - ippool_webhook_certificate_reload_errors_total, the number of times that a certificate could not be loaded
func NewCollector(source *Source) prometheus.Collector {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("ippool_webhook_certificate_"+name, help, nil, prometheus.Labels{"source": source.Name})
	}
	return collector{
		source:  source,
		expiry:  desc("expiry_timestamp_seconds", "Time at which the serving certificate expires, in seconds since 1970; absent while there is no certificate."),
		reloads: desc("reloads_total", "Number of times that a serving certificate replaced another."),
		failure: desc("reload_errors_total", "Number of times that a serving certificate could not be loaded; the current one stays in service."),
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
