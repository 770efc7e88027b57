package deploy

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/test/deploy/dashboard"
	"ippool-webhook/test/environment"
	"ippool-webhook/webhook/server"
)

// selection is a selector of an expression, with the labels of the aggregations around it.
type selection struct {
	Expr, Metric string
	Matchers     []struct{ Label, Type, Value string }
	Grouping     []string
}

// notOurs are metrics that neither the webhook nor the API server has.
func notOurs() []string {
	return []string{"kube_deployment_status_replicas_available"} // from kube-state-metrics
}

// ofTarget are labels that Prometheus adds to all samples of a target.
func ofTarget() []string { return []string{"job", "namespace", "pod"} }

// TestQueries checks that the series in the expressions of alerts and the dashboard exist in the metrics of the webhook or of
// the API server, after requests of every kind.
func TestQueries(t *testing.T) {
	alerts, panels := map[string][]selection{}, selections(t, dashboard.Queries())
	var names []string
	for _, rule := range alertingRules(t, build(t, "observability")) {
		names = append(names, rule.Alert)
		alerts[rule.Alert] = selections(t, []string{rule.Expr})
	}
	all := samples(t)
	for _, alert := range names {
		suite.rows.Run(t, alert, func(t *testing.T) { expectSelected(t, all, alerts[alert]) })
	}
	suite.rows.Run(t, "dashboard", func(t *testing.T) { expectSelected(t, all, panels) })
}

// selections parses expressions with the parser of Prometheus. It replaces each variable of Grafana with a duration.
func selections(t *testing.T, expressions []string) (found []selection) {
	t.Helper()
	variables := regexp.MustCompile(`\$__(rate_interval|range)`)
	var input, messages bytes.Buffer
	input.WriteString(variables.ReplaceAllString(asJSON(t, expressions), "5m"))
	command := exec.CommandContext(t.Context(), "go", "run", "-C", suite.Path("test", "tools", "promtool"), "./selectors")
	command.Stdin, command.Stderr = &input, &messages
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &messages)
	}
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatal(err)
	}
	return found
}

// sample is one series of a metric, by its labels.
type sample map[string]string

// expectSelected expects a sample for each selector, with the labels of its aggregations.
func expectSelected(t *testing.T, all map[string][]sample, wanted []selection) {
	t.Helper()
	if len(wanted) == 0 {
		t.Error("the expressions have no selector")
	}
	for _, s := range wanted {
		if slices.Contains(notOurs(), s.Metric) {
			continue
		}
		selected := slices.DeleteFunc(slices.Clone(all[s.Metric]), func(labels sample) bool { return !s.selects(labels) })
		if len(selected) == 0 {
			t.Errorf("%s\nselects no sample of %s; the samples are %v", s.Expr, s.Metric, all[s.Metric])
			continue
		}
		for _, label := range s.Grouping {
			if _, ok := selected[0][label]; !ok && !slices.Contains(ofTarget(), label) {
				t.Errorf("%s\ngroups by %s, but the labels are %v", s.Expr, label, slices.Sorted(maps.Keys(selected[0])))
			}
		}
	}
}

// selects reports whether labels match, apart from those of a target.
func (s selection) selects(labels sample) bool {
	for _, m := range s.Matchers {
		if slices.Contains(ofTarget(), m.Label) {
			continue
		}
		value, ok := labels[m.Label]
		matches := value == m.Value
		if strings.HasSuffix(m.Type, "~") {
			matches = regexp.MustCompile("^(?:" + m.Value + ")$").MatchString(value)
		}
		if !ok || matches == strings.HasPrefix(m.Type, "!") {
			return false
		}
	}
	return true
}

// samples returns the metrics of a webhook and of the API server after requests, by name.
func samples(t *testing.T) map[string][]sample {
	t.Helper()
	all := map[string][]sample{}
	for _, text := range []map[string]float64{webhookMetrics(t), apiServerMetrics(t)} {
		for series := range text {
			metric, labels, _ := strings.Cut(strings.TrimSuffix(series, "}"), "{")
			read := sample{}
			for _, pair := range regexp.MustCompile(`(\w+)="((?:[^"\\]|\\.)*)"`).FindAllStringSubmatch(labels, -1) {
				read[pair[1]] = pair[2]
			}
			all[metric] = append(all[metric], read)
		}
	}
	return all
}

// webhookMetrics returns the metrics of a webhook that has answered one request, because metrics of controller-runtime appear
// with their first value.
func webhookMetrics(t *testing.T) map[string]float64 {
	t.Helper()
	const host = "127.0.0.1"
	port, err := environment.FreePort(host)
	if err != nil {
		t.Fatal(err)
	}
	webhook, err := suite.NewWebhook(t.Context(), t.TempDir(), host, port)
	if err != nil {
		t.Fatal(err)
	}
	if err := webhook.Start(t.Context(), environment.Options{Flags: []string{"--cert-source", "dev"}}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := webhook.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}()
	send(t, webhook)
	all, err := webhook.Metrics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// apiServerMetrics returns the metrics of the API server after it has called the validating and the mutating webhook, which do
// not run. The mutating webhook fails open.
func apiServerMetrics(t *testing.T) (all map[string]float64) {
	t.Helper()
	remove := configure(t)
	defer remove()
	api, err := discovery.NewDiscoveryClientForConfig(suite.Admin())
	if err != nil {
		t.Fatal(err)
	}
	err = environment.Await(t.Context(), "metrics about webhooks that do not answer", func(ctx context.Context) (err error) {
		if err := writePool(ctx, suite.admin); !environment.Unanswered(err) {
			return fmt.Errorf("the result of a write is %w, want a webhook call without an answer", err)
		}
		text, err := api.RESTClient().Get().AbsPath("/metrics").DoRaw(ctx)
		if err != nil {
			return err
		}
		all, err = environment.ParseMetrics(string(text))
		for sample := range all {
			if strings.HasPrefix(sample, "apiserver_admission_webhook_fail_open_count{") {
				return err
			}
		}
		return errors.New("there is no metric of a call that failed open")
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// send sends an admission review, as the API server does.
func send(t *testing.T, webhook *environment.Webhook) {
	t.Helper()
	review, err := os.ReadFile(suite.Path("test", "fixtures", "delete-in-use", "pass-empty.json"))
	if err != nil {
		t.Fatal(err)
	}
	ca, err := os.ReadFile(filepath.Join(webhook.CertDir(), "ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	trust := x509.NewCertPool()
	trust.AppendCertsFromPEM(ca)
	sender := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trust}}}
	defer sender.CloseIdleConnections()
	response, err := sender.Post("https://"+webhook.Address()+server.ValidatePath, "application/json", bytes.NewReader(review))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("the status of the response is %s, want 200", response.Status)
	}
}

// configure creates the webhook configurations, but does not start the webhook. It returns a function that deletes them.
func configure(t *testing.T) (remove func()) {
	t.Helper()
	all := build(t, "cert-manager")
	made := []client.Object{all["ValidatingWebhookConfiguration ippool-webhook"], all["MutatingWebhookConfiguration ippool-webhook"]}
	for _, object := range made {
		if err := suite.admin.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		for _, object := range made {
			if err := suite.admin.Delete(context.WithoutCancel(t.Context()), object); err != nil {
				t.Error(err)
			}
		}
	}
}
