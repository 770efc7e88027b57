package main

import (
	"context"
	"time"

	"ippool-webhook/test/environment"
	"ippool-webhook/webhook/server"
)

// inside returns the total time that the webhook of a variant has spent on requests, according to its metrics.
func (b *bench) inside(ctx context.Context, variant string) (time.Duration, error) {
	var samples map[string]float64
	var err error
	path := server.ObservePath
	switch variant {
	case noWebhook, control:
	case noOp:
		path = noOpPath
		samples, err = environment.Metrics(ctx, b.peers.metrics)
	case typed:
		path = server.ValidatePath
		samples, err = environment.Metrics(ctx, b.peers.metrics)
	default:
		samples, err = b.Webhook.Metrics(ctx)
	}
	return seconds(samples[`controller_runtime_webhook_latency_seconds_sum{webhook="`+path+`"}`]), err
}

// calls counts the calls of a webhook, as the API server reports them.
type calls struct {
	count      int
	unanswered int           // of the count
	took       time.Duration // duration of all calls together
}

// countCalls sets the calls of each result to those since its previous count.
func (b *bench) countCalls(ctx context.Context, results []result) error {
	text, err := b.client.RESTClient().Get().AbsPath("/metrics").DoRaw(ctx)
	if err != nil {
		return err
	}
	samples, err := environment.ParseMetrics(string(text))
	if err != nil {
		return err
	}
	for i := range results {
		const duration = "apiserver_admission_webhook_admission_duration_seconds"
		name := `{name="` + results[i].webhook(whereaboutsWebhook) + `",`
		labels := name + `operation="UPDATE",rejected="false",type="validating"}`
		unanswered := samples["apiserver_admission_webhook_fail_open_count"+name+`type="validating"}`]
		now := calls{int(samples[duration+"_count"+labels]), int(unanswered), seconds(samples[duration+"_sum"+labels])}
		results[i].calls = calls{now.count - results[i].count, now.unanswered - results[i].unanswered, now.took - results[i].took}
	}
	return nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
