// Package contract measures what becomes of a pod's addresses when the webhook allows, warns, denies, hangs, fails or is
// gone: with the webhook configuration as it ships, and with the one that Kubernetes' defaults make.
package contract

import (
	"context"
	"os"
	"testing"

	"ippool-webhook/test/environment"
	"ippool-webhook/test/whereabouts/cluster"
)

// suite is what all tests share. They run one after the other.
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
