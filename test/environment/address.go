package environment

import "net"

// FreeAddress returns an address of a host, as host:port, that nobody listens on.
func FreeAddress(host string) (string, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0")) //nolint:noctx // returns at once
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
