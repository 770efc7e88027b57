package sandbox

import (
	"fmt"
	"net"
	"os"

	"github.com/vishvananda/netlink"
)

const (
	// NodeAddress is the address of the node. The API server and kubelet need one that is not loopback.
	NodeAddress = "10.99.0.1"

	nodeLink = "node0"
)

// configureNetwork gives the sandbox a loopback interface and the address of the node. It has no other connection: nothing in the
// sandbox can reach the network of the machine.
func configureNetwork() error {
	loopback, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	if err := netlink.LinkSetUp(loopback); err != nil {
		return err
	}
	bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: nodeLink}}
	if err := netlink.LinkAdd(bridge); err != nil {
		return fmt.Errorf("cannot create the bridge %s: %w", nodeLink, err)
	}
	address, err := netlink.ParseAddr(NodeAddress + "/24")
	if err != nil {
		return err
	}
	if err := netlink.AddrAdd(bridge, address); err != nil {
		return err
	}
	if err := netlink.LinkSetUp(bridge); err != nil {
		return err
	}
	// Connections to Services need a route before kube-proxy directs them to a pod.
	if err := netlink.RouteAdd(&netlink.Route{LinkIndex: bridge.Attrs().Index, Scope: netlink.SCOPE_LINK, Dst: &net.IPNet{IP: net.IPv4zero, Mask: net.CIDRMask(0, 32)}}); err != nil {
		return fmt.Errorf("cannot add the default route: %w", err)
	}
	for _, setting := range []string{"ipv4/ip_forward", "ipv6/conf/all/forwarding", "bridge/bridge-nf-call-iptables"} {
		if err := os.WriteFile("/proc/sys/net/"+setting, []byte("1"), 0o644); err != nil { //nolint:gosec // a file of the kernel
			return err
		}
	}
	return nil
}
