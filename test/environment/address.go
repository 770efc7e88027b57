package environment

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
)

// FreeAddress returns an address of a host, as host:port, on which no process listens.
func FreeAddress(host string) (string, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0")) //nolint:noctx // returns at once
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// FreePort returns a port of a host on which no process listens.
func FreePort(host string) (int, error) {
	address, err := FreeAddress(host)
	if err != nil {
		return 0, err
	}
	return Port(address)
}

// Port returns the port of an address, host:port.
func Port(address string) (int, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}

// HostAddress returns an address of this machine that an endpoint can have. Endpoints on the loopback interface are not
// allowed.
func HostAddress() (string, error) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return "", err
	}
	for _, address := range addresses {
		if prefix, err := netip.ParsePrefix(address.String()); err == nil && prefix.Addr().Is4() && prefix.Addr().IsGlobalUnicast() {
			return prefix.Addr().String(), nil
		}
	}
	return "", errors.New("this machine has IPv4 addresses only on the loopback interface: endpoints of a Service must have another address")
}
