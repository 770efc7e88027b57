package e2e

import "testing"

const noPod = `spec.allocations[1].podref: Invalid value: "web-0": must be <namespace>/<pod name>, such as default/web-0 (rule podref-syntax)`

// TestWhereaboutsEnforced denies a malformed pool of Whereabouts.
func TestWhereaboutsEnforced(t *testing.T) {
	configure(t, "whereabouts-enforce")
	s := newScene(t)
	expect(t, s.whereabouts.create(t, newPool("10.0.0.0/24", at("1", "web-0"))), denied(whereaboutsWebhook, "10.0.0.0-24", noPod))
	expect(t, s.whereabouts.create(t, newPool("10.0.0.0/24", at("1", "default/web-0"))), allowed())
}

// TestWhereaboutsSkipped stores a malformed pool of Whereabouts without a warning, as in the default installation.
func TestWhereaboutsSkipped(t *testing.T) {
	configure(t)
	s := newScene(t)
	bad := newPool("10.0.0.0/24", at("1", "web-0"))
	expect(t, s.whereabouts.create(t, bad), allowed())
	expectSpec(t, s, bad)
}

// TestUsersObserved warns users about what enforce mode would deny, and stores what they write unchanged.
func TestUsersObserved(t *testing.T) {
	configure(t, "users-observe")
	s := newScene(t)
	bad := named(newPool("2001:DB8::/64", at("1", "web-0")), "2001-db8---64")
	expect(t, s.jane.create(t, bad), allowed(noPod))
	expectSpec(t, s, bad)

	t.Run("without an answer", func(t *testing.T) {
		restartAfter(t)
		if err := suite.Webhook.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		expect(t, newScene(t).jane.create(t, bad), allowed())
	})
}
