package cluster

import (
	"context"
	"strings"

	"k8s.io/client-go/kubernetes"

	"ippool-webhook/test/environment"
)

// Calls are what the API server tells of its calls of the validating webhook so far, whichever entry they were for. Unlike the
// webhook it also knows of those that got no answer.
type Calls struct {
	Made       int
	Rejected   int // the write was refused, by an answer or for want of one
	FailedOpen int // the write went on without an answer
}

// Calls returns the calls so far. The API server counts a call when it ends, and when that is because the client has gone,
// perhaps after it.
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

// add adds a sample where it is one of the validating webhook's.
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

// Since returns the calls that have come since.
func (c Calls) Since(before Calls) Calls {
	return Calls{c.Made - before.Made, c.Rejected - before.Rejected, c.FailedOpen - before.FailedOpen}
}
