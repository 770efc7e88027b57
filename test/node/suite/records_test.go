package suite

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/test/environment"
)

// assigned is an address of an interface of a pod: as a pool records it, or as the status of the pod shows it.
type assigned struct {
	Address   netip.Addr
	Pod       string // namespace/name
	Interface string
}

func (a assigned) String() string { return fmt.Sprintf("%s of %s, %s", a.Address, a.Pod, a.Interface) }

// record is an allocation of a pool.
type record struct {
	assigned
	Sandbox string // the container that holds the namespaces of the pod
}

// whereaboutsNamespace is the namespace in which Whereabouts stores pools.
const whereaboutsNamespace = "kube-system"

// records returns the allocations of all pools of Whereabouts.
func records(ctx context.Context) ([]record, error) {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(environment.PoolResource().GroupVersion().WithKind("IPPoolList"))
	if err := suite.client.List(ctx, list, client.InNamespace(whereaboutsNamespace)); err != nil {
		return nil, err
	}
	var found []record
	for _, item := range list.Items {
		text, err := item.MarshalJSON()
		if err != nil {
			return nil, err
		}
		var pool struct {
			Spec struct {
				Range       netip.Prefix
				Allocations map[string]struct{ ID, PodRef, IfName string }
			}
		}
		if err := json.Unmarshal(text, &pool); err != nil {
			return nil, fmt.Errorf("pool %s: %w", item.GetName(), err)
		}
		for offset, allocation := range pool.Spec.Allocations {
			address, err := addressAt(pool.Spec.Range.Addr(), offset)
			if err != nil {
				return nil, fmt.Errorf("pool %s: %w", item.GetName(), err)
			}
			found = append(found, record{assigned{address, allocation.PodRef, allocation.IfName}, allocation.ID})
		}
	}
	return found, nil
}

// addressAt returns the address at a decimal offset.
func addressAt(first netip.Addr, offset string) (netip.Addr, error) {
	distance, ok := new(big.Int).SetString(offset, 10)
	if !ok {
		return netip.Addr{}, fmt.Errorf("offset %q is not a number", offset)
	}
	sum := distance.Add(distance, new(big.Int).SetBytes(first.AsSlice()))
	address, ok := netip.AddrFromSlice(sum.FillBytes(make([]byte, first.BitLen()/8)))
	if !ok {
		return netip.Addr{}, fmt.Errorf("offset %q from %s is not an address", offset, first)
	}
	return address, nil
}

// shown returns the addresses in the status of a pod, except that of the network of the cluster.
func shown(pod *corev1.Pod) ([]assigned, error) {
	text, found := pod.Annotations["k8s.v1.cni.cncf.io/network-status"]
	if !found {
		return nil, nil
	}
	var networks []struct {
		Interface string
		IPs       []netip.Addr
		Default   bool
	}
	if err := json.Unmarshal([]byte(text), &networks); err != nil {
		return nil, fmt.Errorf("network-status of pod %s: %w", pod.Name, err)
	}
	var addresses []assigned
	for _, network := range networks {
		for _, address := range network.IPs {
			if !network.Default {
				addresses = append(addresses, assigned{address, pod.Namespace + "/" + pod.Name, network.Interface})
			}
		}
	}
	return addresses, nil
}

// consistent returns an error unless the pools record exactly the addresses that running pods have.
func consistent(ctx context.Context) error {
	pods := &corev1.PodList{}
	if err := suite.client.List(ctx, pods); err != nil {
		return err
	}
	inUse := map[assigned]bool{}
	for _, pod := range pods.Items {
		addresses, err := shown(&pod)
		if err != nil {
			return err
		}
		for _, address := range addresses {
			inUse[address] = true
		}
	}
	recorded, err := records(ctx)
	if err != nil {
		return err
	}
	for _, r := range recorded {
		if !inUse[r.assigned] {
			return fmt.Errorf("a pool records %s, which the pod does not have; pods have %v", r.assigned, slices.Collect(maps.Keys(inUse)))
		}
		delete(inUse, r.assigned)
	}
	for address := range inUse {
		return fmt.Errorf("no pool records %s", address)
	}
	return nil
}

// allocationsOf returns the allocations of a pod.
func allocationsOf(ctx context.Context, pod client.ObjectKey) ([]record, error) {
	all, err := records(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(r record) bool { return r.Pod != pod.String() }), nil
}
