// Package dashboard generates the Grafana dashboard of ippool-webhook.
package dashboard

import "encoding/json"

// datasource is the variable of Grafana for the data source that the user selects.
const datasource = "${datasource}"

// panel is a graph of some queries.
type panel struct {
	title, description, unit string
	queries                  []query
}

// query is an expression in PromQL, with the legend of its series.
type query struct{ expr, legend string }

// panels are the panels of the dashboard, two in a row. The label job is that of the ServiceMonitor.
//
//nolint:gochecknoglobals // a constant, as far as Go has constant slices
var panels = []panel{
	{
		"Decisions", "Answered requests, by decision and mode.", "reqps",
		[]query{{`sum by (decision, mode) (rate(ippool_webhook_admissions_total[$__rate_interval]))`, "{{decision}}, {{mode}}"}},
	},
	{
		"Findings", "Findings by rule, action and mode. A warning in observe mode is a denial in enforce mode.", "cps",
		[]query{{`sum by (rule, action, mode) (rate(ippool_webhook_findings_total[$__rate_interval]))`, "{{rule}}: {{action}}, {{mode}}"}},
	},
	{
		"Duration of a request", "Inside the webhook.", "s",
		[]query{
			{`histogram_quantile(0.5, sum by (webhook, le) (rate(controller_runtime_webhook_latency_seconds_bucket{job="ippool-webhook"}[$__rate_interval])))`, "median, {{webhook}}"},
			{`histogram_quantile(0.99, sum by (webhook, le) (rate(controller_runtime_webhook_latency_seconds_bucket{job="ippool-webhook"}[$__rate_interval])))`, "p99, {{webhook}}"},
		},
	},
	{
		"Answers by HTTP status", "200: the request was allowed or denied. Other codes: the request is not an AdmissionReview, or the webhook cannot answer.", "reqps",
		[]query{{`sum by (webhook, code) (rate(controller_runtime_webhook_requests_total{job="ippool-webhook"}[$__rate_interval]))`, "{{code}}, {{webhook}}"}},
	},
	{
		"Failed webhook calls, measured by the API server", "While calls fail, users cannot write pools.", "cps",
		[]query{
			{`sum by (name) (rate(apiserver_admission_webhook_rejection_count{name=~".+[.]ippool-webhook", error_type!="no_error"}[$__rate_interval]))`, "denied, {{name}}"},
			{`sum by (name) (rate(apiserver_admission_webhook_fail_open_count{name=~".+[.]ippool-webhook"}[$__rate_interval]))`, "allowed, {{name}}"},
		},
	},
	{
		"Duration of a webhook call, measured by the API server", "Includes encoding, network and TLS.", "s",
		[]query{{`histogram_quantile(0.99, sum by (name, le) (rate(apiserver_admission_webhook_admission_duration_seconds_bucket{name=~".+[.]ippool-webhook"}[$__rate_interval])))`, "p99, {{name}}"}},
	},
	{
		"Time until the certificate expires", "Renewal is due 30 days before.", "s",
		[]query{{`ippool_webhook_certificate_expiry_timestamp_seconds - time()`, "{{pod}}, {{source}}"}},
	},
	{
		"Certificates and handshakes", "Certificate reloads, failed reloads, and failed TLS handshakes.", "short",
		[]query{
			{`sum by (pod) (increase(ippool_webhook_certificate_reloads_total[$__range]))`, "reloads, {{pod}}"},
			{`sum by (pod) (increase(ippool_webhook_certificate_reload_errors_total[$__range]))`, "reload errors, {{pod}}"},
			{`sum by (pod) (increase(ippool_webhook_tls_handshake_errors_total[$__range]))`, "handshake errors, {{pod}}"},
		},
	},
	{
		"Allocations in validated pools", "Number of allocations in the pools of requests.", "short",
		[]query{
			{`histogram_quantile(0.5, sum by (le) (rate(ippool_webhook_pool_allocations_bucket[$__rate_interval])))`, "median"},
			{`histogram_quantile(0.99, sum by (le) (rate(ippool_webhook_pool_allocations_bucket[$__rate_interval])))`, "p99"},
		},
	},
	{
		"Memory and cores", "Of each replica.", "short",
		[]query{
			{`process_resident_memory_bytes{job="ippool-webhook"} / 2^20`, "MiB, {{pod}}"},
			{`rate(process_cpu_seconds_total{job="ippool-webhook"}[$__rate_interval])`, "cores, {{pod}}"},
		},
	},
}

// Queries returns all expressions of the dashboard.
func Queries() []string {
	var all []string
	for _, p := range panels {
		for _, q := range p.queries {
			all = append(all, q.expr)
		}
	}
	return all
}

// JSON returns the dashboard as Grafana imports it.
func JSON() ([]byte, error) {
	text, err := json.MarshalIndent(object{
		"uid":           "ippool-webhook",
		"title":         "ippool-webhook",
		"description":   "Admission requests for IPPools of Whereabouts",
		"tags":          []string{"whereabouts", "admission"},
		"schemaVersion": 39,
		"refresh":       "1m",
		"time":          object{"from": "now-6h", "to": "now"},
		"templating": object{"list": []object{{
			"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus",
		}}},
		"panels": layout(),
	}, "", "  ")
	return append(text, '\n'), err
}

type object map[string]any

// layout returns the panels with their positions: the grid of Grafana has 24 columns.
func layout() []object {
	const width, height = 12, 8
	placed := make([]object, 0, len(panels))
	for i, p := range panels {
		placed = append(placed, object{
			"id": i + 1, "type": "timeseries", "title": p.title, "description": p.description,
			"datasource":  object{"type": "prometheus", "uid": datasource},
			"gridPos":     object{"x": i % 2 * width, "y": i / 2 * height, "w": width, "h": height},
			"fieldConfig": object{"defaults": object{"unit": p.unit, "min": 0}},
			"targets":     targets(p.queries),
		})
	}
	return placed
}

func targets(queries []query) []object {
	all := make([]object, 0, len(queries))
	for i, q := range queries {
		all = append(all, object{"refId": string(rune('A' + i)), "expr": q.expr, "legendFormat": q.legend})
	}
	return all
}
