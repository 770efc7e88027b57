package environment

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// auditPolicy makes the API server log every request that can change a pool.
const auditPolicy = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
    verbs: [create, update, patch, delete, deletecollection]
    resources: [{group: ` + poolGroup + `}]
  - level: None
`

// AuditEvent is the part of an event of the audit log that tests need.
type AuditEvent struct {
	User     string
	Verb     string
	Resource string
	Name     string
	// Annotations are those of the webhooks: the name of the webhook, a slash and its key.
	Annotations map[string]string
}

func (p *ControlPlane) auditLog() string { return filepath.Join(p.dir, "audit.log") }

// audit switches the audit log on.
func (p *ControlPlane) audit() error {
	policy := filepath.Join(p.dir, "audit-policy.yaml")
	p.plane.ControlPlane.APIServer.Configure().Set("audit-policy-file", policy).Set("audit-log-path", p.auditLog())
	return os.WriteFile(policy, []byte(auditPolicy), 0o600)
}

// AuditEvents returns the events of a namespace so far. The API server writes them some time after its answers.
func (p *ControlPlane) AuditEvents(namespace string) ([]AuditEvent, error) {
	text, err := os.ReadFile(p.auditLog())
	if err != nil {
		return nil, err
	}
	var events []AuditEvent
	for line := range strings.Lines(string(text)) {
		var event struct {
			Verb        string            `json:"verb"`
			User        map[string]any    `json:"user"`
			ObjectRef   map[string]string `json:"objectRef"`
			Annotations map[string]string `json:"annotations"`
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			return nil, fmt.Errorf("cannot read audit event %q: %w", line, err)
		}
		if event.ObjectRef["namespace"] != namespace {
			continue
		}
		events = append(events, AuditEvent{
			User: fmt.Sprint(event.User["username"]), Verb: event.Verb,
			Resource: event.ObjectRef["resource"], Name: event.ObjectRef["name"], Annotations: ofWebhooks(event.Annotations),
		})
	}
	return events, nil
}

// ofWebhooks leaves out the annotations of the API server itself.
func ofWebhooks(annotations map[string]string) map[string]string {
	kept := map[string]string{}
	for key, value := range annotations {
		if webhook, _, _ := strings.Cut(key, "/"); strings.HasSuffix(webhook, ".ippool-webhook") {
			kept[key] = value
		}
	}
	return kept
}
