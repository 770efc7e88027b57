// Package doctor tests the subcommand doctor with an installation: a real API server that connects to the webhook through its
// Service, the shipped manifests, and every part broken in turn.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"ippool-webhook/test/tally"
)

// suite is the installation that all tests share. They run one after the other.
//
//nolint:gochecknoglobals // a control plane is started once for all tests, and TestMain has no other way to hand it on
var suite struct {
	*installation
	rows tally.Tally
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) (code int) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "ippool-webhook-test-")
	if err == nil {
		suite.installation = &installation{dir: dir}
		if err = suite.start(ctx); err == nil {
			code = m.Run()
		}
		err = errors.Join(err, suite.stop(ctx), os.RemoveAll(dir))
	}
	fmt.Println("doctor:", suite.rows.String())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}
