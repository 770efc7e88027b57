package e2e

import (
	"testing"

	"ippool-webhook/test/environment"
)

// TestPolicy runs the webhook with a Policy and checks that it applies.
func TestPolicy(t *testing.T) {
	restart(t, environment.Options{Policy: `
apiVersion: config.ippool-webhook/v1alpha1
kind: Policy
rules:
  podref-duplicate: {scope: Pod}
  podref-multi-interface: {action: "Off"}
  podref-syntax: {action: Warn}
  offset-reserved: {action: Deny}
`})
	first := newPool("10.0.0.0/24", at("0", "default/web-0"))
	const isFirst = `spec.allocations[0]: Invalid value: "0": must not be the first or the last address of 10.0.0.0/24, which Whereabouts never assigns (rule offset-reserved)`

	t.Run("action", func(t *testing.T) {
		s := newScene(t)
		expect(t, s.jane.create(t, first), denied(usersWebhook, first.GetName(), isFirst))
		expect(t, s.jane.create(t, newPool("10.0.0.0/24", at("1", "web-0"))), allowed(
			`spec.allocations[1].podref: Invalid value: "web-0": must be <namespace>/<pod name>, such as default/web-0 (rule podref-syntax)`))
	})
	t.Run("scope", func(t *testing.T) {
		expect(t, newScene(t).jane.create(t, newPool("10.0.0.0/24", at("1", "default/web-0"), at("2", "default/web-0").on("net2"))),
			denied(usersWebhook, "10.0.0.0-24",
				`spec.allocations[2].podref: Duplicate value: "default/web-0": this pod already has the allocation at offset 1; remove one of the two (rule podref-duplicate)`))
	})
	t.Run("observe mode", func(t *testing.T) {
		expect(t, newScene(t).whereabouts.create(t, first), allowed(isFirst))
	})
}

// TestPolicyTurnsOff writes the action Off without quotes, which YAML 1.1 reads as a boolean.
func TestPolicyTurnsOff(t *testing.T) {
	restart(t, environment.Options{Policy: `
apiVersion: config.ippool-webhook/v1alpha1
kind: Policy
rules:
  offset-reserved:
    action: Off
`})
	expect(t, newScene(t).jane.create(t, newPool("10.0.0.0/24", at("0", "default/web-0"))), allowed())
}
