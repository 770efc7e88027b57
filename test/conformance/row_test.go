package conformance

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// row is a request and all its effects.
type row struct {
	name   string
	before []string // the pools before the request, written by Whereabouts
	request
	want answer
	// after are the pools after the request. Nil means that the pools have not changed.
	after []string
}

// none are the pools of a namespace without pools.
func none() []string { return []string{} }

// run runs rows, each in a new namespace, and counts them.
func run(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		suite.rows.Run(t, r.name, r.test)
	}
}

func (r row) test(t *testing.T) {
	s := newScene(t, r.before...)
	s.expect(t, r.request, r.want)
	if r.after == nil {
		s.expectUntouched(t)
	} else {
		s.expectPools(t, r.after)
	}
}

// expect sends a request and compares the complete answer.
func (s *scene) expect(t *testing.T, q request, want answer) {
	t.Helper()
	if text, ok := want.Body.(object); ok {
		want.Body = decode(t, string(text))
	}
	if diff := cmp.Diff(want.inVersion(suite.minor), s.send(t, q)); diff != "" {
		t.Errorf("answer to %s %s (-want +got):\n%s", q.method, q.path, diff)
	}
}

// expectUntouched fails if anything has changed, even a resourceVersion.
func (s *scene) expectUntouched(t *testing.T) {
	t.Helper()
	if diff := cmp.Diff(s.before, s.stored(t)); diff != "" {
		t.Errorf("stored pools (-before +after):\n%s", diff)
	}
}

// expectPools compares the stored pools.
func (s *scene) expectPools(t *testing.T, texts []string) {
	t.Helper()
	want, got := []map[string]any{}, []map[string]any{}
	for _, text := range texts {
		want = append(want, decode(t, text))
	}
	for _, pool := range s.stored(t) {
		got = append(got, tidy(pool))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stored pools (-want +got):\n%s", diff)
	}
}
