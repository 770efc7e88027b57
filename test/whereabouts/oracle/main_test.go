// Package oracle asks Whereabouts' own code whether the rules are right: what they accept it must be able to use, and
// what it builds they must accept.
package oracle

import (
	"os"
	"runtime/debug"
	"testing"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/logging"
)

func TestMain(m *testing.M) {
	logging.SetLogStderr(false) // it complains of every key that it cannot read
	debug.SetGCPercent(400)     // pools come and go by the hundred thousand
	os.Exit(m.Run())
}
