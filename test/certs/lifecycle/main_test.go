// Package lifecycle tests the serving certificate during its life: cert-manager issues it, it is mounted, trusted, renewed, signed
// by another CA, deleted and expired. Meanwhile users write pools, and no write may fail.
package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"

	"ippool-webhook/test/certs/certmanager"
	"ippool-webhook/test/certs/cluster"
	"ippool-webhook/test/tally"
)

// The names in the overlay.
const (
	overlay       = "cert-manager"
	servingName   = "ippool-webhook-serving" // name of the Certificate and of its Secret
	authorityName = "ippool-webhook-ca"      // name of the Certificate, of its Secret and of the Issuer
)

// suite is the installation that all rows share. They run one after the other, and each leaves the webhook ready.
//
//nolint:gochecknoglobals // a control plane is started once for all rows, and TestMain has no other way to hand it on
var suite struct {
	installation // with cert-manager
	rows         tally.Tally
}

// installation is a cluster in which the webhook is installed.
type installation struct {
	*cluster.Cluster
	replicas []*cluster.Replica
}

func TestMain(m *testing.M) {
	code := run(m)
	if code != 0 {
		fmt.Print("FAILED ") // also for failures outside the rows
	}
	fmt.Println("certs:", &suite.rows)
	os.Exit(code)
}

// run runs the tests and returns the exit code. After a failure, it prints the log of cert-manager, which is long.
func run(m *testing.M) int {
	log := &certmanager.Log{}
	ctrl.SetLogger(log.Logger())
	klog.SetLogger(log.Logger())
	ctx := context.Background()
	code := 1
	err := prepare(ctx, log)
	if err == nil {
		code = m.Run()
	}
	if suite.Cluster != nil {
		err = errors.Join(err, suite.Stop(ctx))
	}
	if err != nil {
		code = 1
		fmt.Fprintln(os.Stderr, err)
	}
	if code != 0 {
		fmt.Fprintf(os.Stderr, "log of cert-manager:\n%s", log)
	}
	return code
}

// prepare installs the webhook with two replicas. The second one gets each certificate later, as on another node.
func prepare(ctx context.Context, log *certmanager.Log) (err error) {
	if suite.Cluster, err = cluster.Start(ctx); err != nil {
		return err
	}
	if err := suite.StartCertManager(ctx, log.Logger()); err != nil {
		return err
	}
	for i, lag := range []time.Duration{50 * time.Millisecond, 400 * time.Millisecond} {
		replica, err := suite.Launch(ctx, cluster.ReplicaOptions{
			Name: fmt.Sprintf("replica-%d", i+1), Secret: servingName, Lag: lag,
			DrainQuietPeriod: 5 * time.Second, // the default, because the API server still calls a replica for a while after it starts to stop
		})
		if err != nil {
			return err
		}
		suite.replicas = append(suite.replicas, replica)
	}
	if err := suite.Apply(ctx, overlay); err != nil {
		return err
	}
	for _, replica := range suite.replicas {
		if err := replica.AwaitReady(ctx); err != nil {
			return err
		}
	}
	return suite.awaitWebhooks(ctx)
}
