package cluster

import (
	"errors"
	"net"
	"net/netip"
)

// hostAddress returns an address of this machine that an endpoint may have: endpoints on the loopback interface are not
// allowed.
func hostAddress() (string, error) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return "", err
	}
	for _, address := range addresses {
		if prefix, err := netip.ParsePrefix(address.String()); err == nil && prefix.Addr().Is4() && prefix.Addr().IsGlobalUnicast() {
			return prefix.Addr().String(), nil
		}
	}
	return "", errors.New("this machine has no IPv4 address but on the loopback interface; endpoints of a Service want one on any other")
}
