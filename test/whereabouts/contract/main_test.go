// Package contract measures how Whereabouts records and releases addresses while the webhook allows, warns, denies, hangs, fails
// or does not run: with the shipped webhook configuration, and with one that has the defaults of Kubernetes.
package contract

import (
	"context"
	"os"
	"testing"

	"ippool-webhook/test/environment"
	"ippool-webhook/test/whereabouts/cluster"
)

// suite is the cluster that all tests share. They run one after the other.
//
//nolint:gochecknoglobals // a control plane is started once for all tests, and TestMain has no other way to hand it on
var suite struct {
	*cluster.Cluster
	jane *environment.User // a user
}

func TestMain(m *testing.M) {
	os.Exit(cluster.Main(m, environment.Options{}, func(c *cluster.Cluster) (err error) {
		suite.Cluster = c
		suite.jane, err = c.User(context.Background(), "jane")
		return err
	}))
}
