package doctor

import (
	"context"
	"crypto/x509"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// endpoint is a ready endpoint of the Service and the certificates that it presented to doctor.
type endpoint struct {
	address string              // host:port
	chain   []*x509.Certificate // the serving certificate first; empty if the endpoint presented no certificate
	reached bool                // whether doctor could connect
	err     error               // the reason if chain is empty
}

// readEndpoints lists the ready endpoints of a Service and connects to all of them concurrently.
func readEndpoints(ctx context.Context, c client.Reader, t target, service *corev1.Service, timeout time.Duration) read[[]endpoint] {
	endpointSlices := list(ctx, c, &discoveryv1.EndpointSliceList{},
		access{group: discoveryv1.GroupName, resource: "endpointslices", namespace: t.namespace},
		client.InNamespace(t.namespace), client.MatchingLabels{discoveryv1.LabelServiceName: t.name})
	endpoints := readyEndpoints(endpointSlices.value.Items, portName(service, t.port))
	var connections sync.WaitGroup
	for i := range endpoints {
		connections.Go(func() { endpoints[i].connect(ctx, t.host(), timeout) })
	}
	connections.Wait()
	return read[[]endpoint]{endpoints, endpointSlices.access, endpointSlices.err}
}

// readyEndpoints returns the ready endpoints behind a port of the Service, sorted by address and without duplicates.
func readyEndpoints(endpointSlices []discoveryv1.EndpointSlice, portName string) []endpoint {
	var addresses []string
	for _, slice := range endpointSlices {
		addresses = append(addresses, readyAddresses(slice, portName)...)
	}
	slices.Sort(addresses)
	addresses = slices.Compact(addresses)
	endpoints := make([]endpoint, len(addresses))
	for i, address := range addresses {
		endpoints[i].address = address
	}
	return endpoints
}

// readyAddresses returns host:port of each ready endpoint in a slice. It uses the first address of an endpoint, because all addresses
// of an endpoint belong to the same pod.
func readyAddresses(slice discoveryv1.EndpointSlice, portName string) []string {
	port, ok := portNumber(slice.Ports, portName)
	if !ok {
		return nil
	}
	var addresses []string
	for _, e := range slice.Endpoints {
		if ready := valueOr(e.Conditions.Ready, true); ready && len(e.Addresses) > 0 {
			addresses = append(addresses, net.JoinHostPort(e.Addresses[0], port))
		}
	}
	return addresses
}

// portNumber returns the number of the port with a name. The API server rejects a slice in which two ports have the same name.
func portNumber(ports []discoveryv1.EndpointPort, name string) (number string, ok bool) {
	for _, p := range ports {
		if valueOr(p.Name, "") == name && p.Port != nil {
			return strconv.Itoa(int(*p.Port)), true
		}
	}
	return "", false
}
