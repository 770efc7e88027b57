package load

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// roundPeriod is the time between two rounds.
const roundPeriod = 50 * time.Millisecond

// Connections opens new TLS connections to every replica, and verifies them as the API server does. The API server reuses its
// connections, so it would detect only late that new ones fail.
type Connections struct {
	// Endpoints returns the addresses that the API server can call now.
	Endpoints func(context.Context) ([]string, error)
	// Bundles returns the CAs that the API server trusts now, in PEM, by webhook.
	Bundles func(context.Context) (map[string][]byte, error)
	// ServerName is the host name that the API server uses for all of them.
	ServerName string
}

// open opens connections until ctx ends.
func (c *Connections) open(ctx context.Context, l *Load) {
	wait.UntilWithContext(ctx, func(ctx context.Context) {
		if err := c.openAll(context.WithoutCancel(ctx), l); err != nil {
			l.fail(err)
		}
	}, roundPeriod)
}

// openAll opens one connection for each replica and webhook.
func (c *Connections) openAll(ctx context.Context, l *Load) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	bundles, err := c.Bundles(ctx)
	if err != nil {
		return err
	}
	endpoints, err := c.Endpoints(ctx)
	if err != nil {
		return err
	}
	for _, endpoint := range endpoints {
		for webhook, bundle := range bundles {
			if err := c.handshake(ctx, endpoint, bundle); err != nil {
				return fmt.Errorf("cannot open a connection to %s for %s: %w", endpoint, webhook, err)
			}
			l.handshakes.Add(1)
		}
	}
	return nil
}

func (c *Connections) handshake(ctx context.Context, endpoint string, bundle []byte) error {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(bundle)
	dialer := tls.Dialer{Config: &tls.Config{RootCAs: roots, ServerName: c.ServerName, MinVersion: tls.VersionTLS12}}
	connection, err := dialer.DialContext(ctx, "tcp", endpoint)
	if err != nil {
		return err
	}
	return connection.Close()
}
