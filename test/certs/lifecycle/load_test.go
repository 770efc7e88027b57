package lifecycle

import (
	"fmt"
	"testing"

	"ippool-webhook/test/certs/cluster"
	"ippool-webhook/test/load"
)

// running is a load, with the number of unanswered webhook calls at its start.
type running struct {
	*load.Load
	installation *installation
	before       float64
}

// expectNoFailure stops the load, and expects that no request has failed.
func (r *running) expectNoFailure(t *testing.T) {
	t.Helper()
	r.Stop()
	if unanswered := r.unanswered(t); r.Failed() > 0 || unanswered > 0 {
		t.Errorf("%d failures and %v webhook calls without an answer, want none; first failures: %v", r.Failed(), unanswered, r.Failures())
	}
}

// unanswered returns the number of webhook calls without an answer since the start.
func (r *running) unanswered(t *testing.T) float64 {
	t.Helper()
	now, err := r.installation.Unanswered(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return now - r.before
}

// startLoad starts eight users who write pools. The requests of two of them are in observe mode.
func (i *installation) startLoad(t *testing.T) *running {
	t.Helper()
	namespace, err := i.Namespace(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var users []load.User
	for n := range 8 {
		w := load.User{Name: fmt.Sprintf("user-%d", n+1), Namespace: namespace, Observed: n >= 6}
		name := w.Name
		if w.Observed {
			name = "system:serviceaccount:kube-system:whereabouts"
		}
		user, err := i.User(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		w.Config = user.Config
		users = append(users, w)
	}
	before, err := i.Unanswered(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l, err := load.Start(t.Context(), users, &load.Connections{Endpoints: i.Endpoints, Bundles: i.caBundles, ServerName: cluster.ServerName})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Stop)
	return &running{l, i, before}
}
