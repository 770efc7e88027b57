// Package e2e tests what users see: their requests are sent to a real API server, which calls the webhook as in a cluster.
package e2e

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"ippool-webhook/test/environment"
)

// suite is the environment that all tests share. They run one after the other.
//
//nolint:gochecknoglobals // a control plane is started once for all tests, and TestMain has no other way to hand it on
var suite struct {
	*environment.Environment
	jane        *environment.User // a user in enforce mode
	whereabouts *environment.User // Whereabouts, in observe mode
}

// observed is the component that sends the requests of Whereabouts to the webhook, in observe mode.
const observed = "whereabouts-observe"

func TestMain(m *testing.M) {
	code := environment.Main(m, environment.Options{Components: []string{observed}, WhereaboutsTimeoutSeconds: 5}, prepare)
	if suite.Environment != nil && strings.Contains(suite.Webhook.Log(), idPrefix) {
		fmt.Fprintln(os.Stderr, "FAIL: the log of the webhook tells a container id, such as "+idPrefix+"...")
		code = 1
	}
	os.Exit(code)
}

func prepare(e *environment.Environment) (err error) {
	ctx := context.Background()
	suite.Environment = e
	if suite.jane, err = e.User(ctx, "jane"); err != nil {
		return err
	}
	suite.whereabouts, err = e.User(ctx, "system:serviceaccount:kube-system:whereabouts", "system:serviceaccounts")
	return err
}

// restart runs the webhook with other options until the end of the test.
func restart(t *testing.T, o environment.Options) {
	t.Helper()
	restartAfter(t)
	if err := suite.Webhook.Restart(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}

// restartAfter restarts the webhook with the options that later tests expect.
func restartAfter(t *testing.T) {
	t.Cleanup(func() {
		if err := suite.Webhook.Restart(context.Background(), environment.Options{}); err != nil {
			t.Fatal(err)
		}
	})
}

// configure sets other components until the end of the test.
func configure(t *testing.T, components ...string) {
	t.Helper()
	t.Cleanup(func() {
		if err := suite.Configure(context.Background(), observed); err != nil {
			t.Fatal(err)
		}
	})
	if err := suite.Configure(t.Context(), components...); err != nil {
		t.Fatal(err)
	}
}

// keepUnknownFields makes the API server preserve unknown fields until the end of the test.
func keepUnknownFields(t *testing.T) {
	t.Helper()
	setSchema(t, environment.Keeping)
}

// setSchema sets another schema of the CRD until the end of the test.
func setSchema(t *testing.T, s environment.Schema) {
	t.Helper()
	t.Cleanup(func() {
		if err := suite.SetSchema(context.Background(), environment.Installed); err != nil {
			t.Fatal(err)
		}
	})
	if err := suite.SetSchema(t.Context(), s); err != nil {
		t.Fatal(err)
	}
}
