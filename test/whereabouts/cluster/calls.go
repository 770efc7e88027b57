package cluster

import (
	"context"
	"strings"

	"k8s.io/client-go/kubernetes"

	"ippool-webhook/test/environment"
)

// Calls counts the calls of all validating webhooks of the configuration, as the API server reports them. Unlike the webhook,
// the API server also counts calls without an answer.
type Calls struct {
	Made       int
	Rejected   int // the request was rejected, by the webhook or because the call failed
	FailedOpen int // the request was allowed without an answer
}

// Calls returns the current counts. The API server counts a call when it ends. If the client has closed the connection, it can
// count the call later.
func (c *Cluster) Calls(ctx context.Context) (Calls, error) {
	admin, err := kubernetes.NewForConfig(c.Admin())
	if err != nil {
		return Calls{}, err
	}
	text, err := admin.RESTClient().Get().AbsPath("/metrics").DoRaw(ctx)
	if err != nil {
		return Calls{}, err
	}
	samples, err := environment.ParseMetrics(string(text))
	if err != nil {
		return Calls{}, err
	}
	var calls Calls
	for name, value := range samples {
		calls.add(name, int(value))
	}
	return calls, nil
}

// add adds a sample if it is about the validating webhook.
func (c *Calls) add(name string, value int) {
	if !strings.Contains(name, `.validate.ippool-webhook"`) || !strings.Contains(name, `type="validating"`) {
		return
	}
	switch metric, _, _ := strings.Cut(name, "{"); metric {
	case "apiserver_admission_webhook_admission_duration_seconds_count":
		c.Made += value
	case "apiserver_admission_webhook_rejection_count":
		c.Rejected += value
	case "apiserver_admission_webhook_fail_open_count":
		c.FailedOpen += value
	}
}

// Since returns the calls since an earlier count.
func (c Calls) Since(before Calls) Calls {
	return Calls{c.Made - before.Made, c.Rejected - before.Rejected, c.FailedOpen - before.FailedOpen}
}
