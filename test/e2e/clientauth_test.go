package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"ippool-webhook/test/environment"
)

// TestClientCertificateRequired requires client certificates. The API server of the tests presents none to webhooks, so its
// calls fail, and the log and the metrics of the webhook report it.
func TestClientCertificateRequired(t *testing.T) {
	ca := filepath.Join(t.TempDir(), "client-ca.crt")
	if err := os.WriteFile(ca, suite.Admin().CAData, 0o600); err != nil {
		t.Fatal(err)
	}
	restart(t, environment.Options{Flags: []string{"--client-ca-file", ca}})
	s := newScene(t)
	expectUnanswered(t, s.jane.create(t, newPool("10.0.1.0/24")))
	expect(t, s.whereabouts.create(t, newPool("10.0.0.0/24")), allowed())

	samples, err := suite.Webhook.Metrics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ippool_webhook_tls_handshake_errors_total", `ippool_webhook_certificate_expiry_timestamp_seconds{source="files"}`} {
		if samples[name] == 0 {
			t.Errorf("%s is 0", name)
		}
	}
}
