package doctor

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"
)

// connect records the certificates that the endpoint presents. It accepts every certificate, because the check verifies them later.
// It needs no client certificate: the server presents its certificates before it rejects the client.
func (e *endpoint) connect(ctx context.Context, host string, timeout time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", e.address)
	if err != nil {
		e.err = err
		return
	}
	e.reached = true
	client := tls.Client(connection, &tls.Config{
		ServerName:         host,
		InsecureSkipVerify: true, //nolint:gosec // doctor sends no data, and the check verifies the certificates
		VerifyConnection: func(state tls.ConnectionState) error {
			e.chain = state.PeerCertificates
			return nil
		},
	})
	if err := client.HandshakeContext(ctx); err != nil && len(e.chain) == 0 {
		e.err = fmt.Errorf("the TLS handshake failed: %w", err)
	}
	_ = connection.Close() // no data was sent
}
