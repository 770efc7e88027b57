package main

import (
	"strings"
	"testing"

	"github.com/go-logr/logr/funcr"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestHTTPLog(t *testing.T) {
	var logged []string
	log := funcr.New(func(_, args string) { logged = append(logged, args) }, funcr.Options{})
	h := httpLog{log, prometheus.NewCounter(prometheus.CounterOpts{Name: "errors"})}
	for _, line := range []string{
		"http: TLS handshake error from 10.0.0.7:41234: remote error: tls: bad certificate\n",
		"http: TLS handshake error from [2001:db8::7]:41234: tls: client didn't provide a certificate\n",
		"http: Accept error: too many open files; retrying in 5ms\n",
	} {
		if n, err := h.Write([]byte(line)); n != len(line) || err != nil {
			t.Errorf("Write(%q) = %d, %v, want %d", line, n, err, len(line))
		}
	}
	want := []string{
		`"level"=0 "msg"="TLS handshake error" "client"="10.0.0.7:41234" "reason"="remote error: tls: bad certificate"`,
		`"level"=0 "msg"="TLS handshake error" "client"="[2001:db8::7]:41234" "reason"="tls: client didn't provide a certificate"`,
		`"level"=0 "msg"="http: Accept error: too many open files; retrying in 5ms"`,
	}
	if diff := cmp.Diff(want, logged); diff != "" {
		t.Errorf("log (-want +got):\n%s", strings.TrimSpace(diff))
	}
	if n := testutil.ToFloat64(h.handshakeErrors); n != 2 {
		t.Errorf("counted %v TLS handshake errors, want 2", n)
	}
}
