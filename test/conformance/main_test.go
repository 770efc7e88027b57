// Package conformance compares the API of IPPools, with the webhooks, with its documentation. Each row is a request over raw
// HTTP, so that codes and headers are compared, and all its effects.
package conformance

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"k8s.io/client-go/rest"

	"ippool-webhook/test/environment"
	"ippool-webhook/test/tally"
)

// suite is the environment that all rows share. They run one after the other.
//
//nolint:gochecknoglobals // a control plane is started once for all rows, and TestMain has no other way to hand it on
var suite struct {
	*environment.Environment
	url     string // of the API server
	minor   int    // version of the API server
	jane    *environment.User
	clients map[user]*http.Client
	rows    tally.Tally
}

// user is a user who sends requests.
type user string

const (
	jane        user = "" // unless the row names another user
	whereabouts user = "system:serviceaccount:kube-system:whereabouts"
	nobody      user = "nobody"   // without credentials
	stranger    user = "stranger" // with credentials that the API server does not accept
)

func TestMain(m *testing.M) {
	code := environment.Main(m, environment.Options{Components: []string{"whereabouts-observe"}, WhereaboutsTimeoutSeconds: 30}, prepare)
	if code != 0 {
		fmt.Print("FAILED ") // including failures outside of the rows
	}
	fmt.Println("conformance:", &suite.rows)
	os.Exit(code)
}

func prepare(e *environment.Environment) (err error) {
	ctx := context.Background()
	suite.Environment, suite.url = e, strings.TrimSuffix(e.Admin().Host, "/")
	if suite.minor, err = serverMinor(e.Admin()); err != nil {
		return err
	}
	if suite.jane, err = e.User(ctx, "jane"); err != nil {
		return err
	}
	whereaboutsUser, err := e.User(ctx, string(whereabouts), "system:serviceaccounts")
	if err != nil {
		return err
	}
	anonymous := rest.AnonymousClientConfig(e.Admin())
	unknown := rest.CopyConfig(anonymous)
	unknown.BearerToken = "unknown"
	suite.clients = map[user]*http.Client{}
	for who, config := range map[user]*rest.Config{jane: suite.jane.Config, whereabouts: whereaboutsUser.Config, nobody: anonymous, stranger: unknown} {
		if suite.clients[who], err = rest.HTTPClientFor(config); err != nil {
			return err
		}
	}
	return nil
}
