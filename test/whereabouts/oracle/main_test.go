// Package oracle compares the rules with the code of Whereabouts: Whereabouts must be able to use what the rules accept, and
// the rules must accept what Whereabouts creates.
package oracle

import (
	"os"
	"runtime/debug"
	"testing"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/logging"
)

func TestMain(m *testing.M) {
	logging.SetLogStderr(false) // it logs every key that it cannot read
	debug.SetGCPercent(400)     // it logs every pool, and there are hundreds of thousands
	os.Exit(m.Run())
}
