package lifecycle

import (
	"fmt"
	"testing"

	"ippool-webhook/test/certs/cluster"
	"ippool-webhook/test/certs/load"
)

// running is a load, and what the API server had counted before.
type running struct {
	*load.Load
	installation *installation
	before       float64
}

// expectNoFailure ends the load, of which nothing must have failed.
func (r *running) expectNoFailure(t *testing.T) {
	t.Helper()
	r.Stop()
	if unanswered := r.unanswered(t); r.Failed() > 0 || unanswered > 0 {
		t.Errorf("%d failures, and %v calls without an answer; the first: %v", r.Failed(), unanswered, r.Failures())
	}
}

// unanswered returns how many calls of webhooks have got no answer since the start.
func (r *running) unanswered(t *testing.T) float64 {
	t.Helper()
	now, err := r.installation.Unanswered(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return now - r.before
}

// startLoad starts eight users who write pools. The requests of two of them are observed.
func (i *installation) startLoad(t *testing.T) *running {
	t.Helper()
	namespace, err := i.Namespace(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var writers []load.Writer
	for n := range 8 {
		w := load.Writer{Name: fmt.Sprintf("writer-%d", n+1), Namespace: namespace, Observed: n >= 6}
		name := w.Name
		if w.Observed {
			name = "system:serviceaccount:kube-system:whereabouts"
		}
		user, err := i.User(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		w.Config = user.Config
		writers = append(writers, w)
	}
	before, err := i.Unanswered(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l, err := load.Start(t.Context(), writers, &load.Connections{Endpoints: i.Endpoints, Bundles: i.caBundles, ServerName: cluster.ServerName})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Stop)
	return &running{l, i, before}
}
