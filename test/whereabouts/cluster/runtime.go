package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"

	"github.com/containernetworking/cni/pkg/invoke"
	current "github.com/containernetworking/cni/pkg/types/100"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"
	wbclient "github.com/k8snetworkplumbingwg/whereabouts/pkg/generated/clientset/versioned"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/iphelpers"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Runtime calls Whereabouts as the container runtime of a node does. Several goroutines can use it.
type Runtime struct {
	// Namespace is the namespace of the pools.
	Namespace string
	// FlatFile is the path of the file with the settings of the node, beside the kubeconfig.
	FlatFile string
	// Kubeconfig is the path of the kubeconfig of Whereabouts.
	Kubeconfig string

	plugin    string
	node      string
	clientset *wbclient.Clientset
}

// Runtime returns the container runtime of a node, with its files in dir and its pools in a new namespace.
func (c *Cluster) Runtime(ctx context.Context, dir, node string) (*Runtime, error) {
	namespace, err := c.Namespace(ctx)
	if err != nil {
		return nil, err
	}
	return c.RuntimeIn(dir, node, namespace)
}

// RuntimeIn returns the container runtime of a node whose pools are in an existing namespace.
func (c *Cluster) RuntimeIn(dir, node, namespace string) (*Runtime, error) {
	clientset, err := c.Clientset()
	if err != nil {
		return nil, err
	}
	r := &Runtime{
		Namespace: namespace, FlatFile: filepath.Join(dir, "whereabouts.conf"), Kubeconfig: filepath.Join(dir, "whereabouts.kubeconfig"),
		plugin: c.Binaries.Plugin, node: node, clientset: clientset,
	}
	if err := c.writeKubeconfig(r.Kubeconfig, namespace); err != nil {
		return nil, err
	}
	text, err := json.Marshal(map[string]any{
		"kubernetes": map[string]any{"kubeconfig": r.Kubeconfig},
		"log_level":  "error",
	})
	if err != nil {
		return nil, err
	}
	return r, os.WriteFile(r.FlatFile, text, 0o600)
}

// Add assigns addresses to an interface, one of each range of the network.
func (r *Runtime) Add(ctx context.Context, n Network, i Interface) ([]netip.Prefix, error) {
	config, err := n.Config(r.FlatFile)
	if err != nil {
		return nil, err
	}
	answer, err := invoke.ExecPluginWithResult(ctx, r.plugin, config, r.arguments("ADD", i), quiet())
	if err != nil {
		return nil, err
	}
	result, err := current.NewResultFromResult(answer)
	if err != nil {
		return nil, err
	}
	var addresses []netip.Prefix
	for _, ip := range result.IPs {
		address, err := netip.ParsePrefix(ip.Address.String())
		if err != nil {
			return nil, err
		}
		addresses = append(addresses, address)
	}
	return addresses, nil
}

// Del releases the addresses of an interface.
func (r *Runtime) Del(ctx context.Context, n Network, i Interface) error {
	config, err := n.Config(r.FlatFile)
	if err != nil {
		return err
	}
	return invoke.ExecPluginWithoutResult(ctx, r.plugin, config, r.arguments("DEL", i), quiet())
}

// quiet discards the log of the plugin, which is long. Errors of the plugin are in its result.
func quiet() invoke.Exec { return &invoke.DefaultExec{RawExec: &invoke.RawExec{}} }

// arguments returns the environment of one call.
func (r *Runtime) arguments(command string, i Interface) invoke.CNIArgs {
	return onNode{node: r.node, Args: &invoke.Args{
		Command: command, ContainerID: i.ContainerID, NetNS: "/var/run/netns/" + i.ContainerID, IfName: i.Name, Path: filepath.Dir(r.plugin),
		PluginArgs: [][2]string{
			{"IgnoreUnknown", "1"}, {"K8S_POD_NAMESPACE", i.Namespace}, {"K8S_POD_NAME", i.Pod}, {"K8S_POD_INFRA_CONTAINER_ID", i.ContainerID},
		},
	}}
}

// onNode are the arguments of a call on a node.
type onNode struct {
	*invoke.Args
	node string
}

// AsEnv implements invoke.CNIArgs.
func (a onNode) AsEnv() []string { return append(a.Args.AsEnv(), "NODENAME="+a.node) }

// Pools returns the pools.
func (r *Runtime) Pools(ctx context.Context) ([]v1alpha1.IPPool, error) {
	list, err := r.clientset.WhereaboutsV1alpha1().IPPools(r.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}

// Allocations returns the allocations of the pools.
func (r *Runtime) Allocations(ctx context.Context) ([]Allocation, error) {
	pools, err := r.Pools(ctx)
	if err != nil {
		return nil, err
	}
	var allocations []Allocation
	for _, pool := range pools {
		first, _, err := pool.ParseCIDR()
		if err != nil {
			return nil, fmt.Errorf("pool %s: %w", pool.Name, err)
		}
		for key, a := range pool.Spec.Allocations {
			address, err := addressAt(first, key)
			if err != nil {
				return nil, fmt.Errorf("pool %s: %w", pool.Name, err)
			}
			allocations = append(allocations, Allocation{Address: address, ContainerID: a.ContainerID, PodRef: a.PodRef, IfName: a.IfName})
		}
	}
	return allocations, nil
}

// addressAt returns the address at an offset as Whereabouts computes it.
func addressAt(first net.IP, key string) (netip.Addr, error) {
	offset, err := strconv.ParseInt(key, 10, 64)
	if err != nil {
		return netip.Addr{}, err
	}
	address, ok := netip.AddrFromSlice(iphelpers.IPAddOffset(first, uint64(offset)))
	if !ok {
		return netip.Addr{}, fmt.Errorf("offset %s from %s is not an address", key, first)
	}
	return address.Unmap(), nil
}

// Reservations returns the pod of each OverlappingRangeIPReservation, by its name.
func (r *Runtime) Reservations(ctx context.Context) (map[string]string, error) {
	list, err := r.clientset.WhereaboutsV1alpha1().OverlappingRangeIPReservations(r.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	reservations := map[string]string{}
	for _, reservation := range list.Items {
		reservations[reservation.Name] = reservation.Spec.PodRef
	}
	return reservations, nil
}
