package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// endpoint is a ready endpoint of the Service, and what it presented to doctor.
type endpoint struct {
	address string              // host:port
	chain   []*x509.Certificate // the serving certificate first; empty where none was presented
	reached bool                // whether there was a connection
	err     error               // why there is no chain
}

func readService(ctx context.Context, c client.Reader, t target) read[*corev1.Service] {
	return get(ctx, c, client.ObjectKey{Namespace: t.namespace, Name: t.name}, &corev1.Service{}, access{resource: "services"})
}

// readEndpoints lists the ready endpoints and connects to all of them at once, each within the timeout.
func readEndpoints(ctx context.Context, c client.Reader, t target, service *corev1.Service, timeout time.Duration) read[[]endpoint] {
	slices := list(ctx, c, &discoveryv1.EndpointSliceList{},
		access{group: discoveryv1.GroupName, resource: "endpointslices", namespace: t.namespace},
		client.InNamespace(t.namespace), client.MatchingLabels{discoveryv1.LabelServiceName: t.name})
	endpoints := readyEndpoints(slices.value.Items, portName(service, t.port))
	var all sync.WaitGroup
	for i := range endpoints {
		all.Go(func() { endpoints[i].connect(ctx, t.host(), timeout) })
	}
	all.Wait()
	return read[[]endpoint]{endpoints, slices.access, slices.err}
}

// portName returns the name that EndpointSlices have for a port of the Service.
func portName(service *corev1.Service, port int32) string {
	for _, p := range service.Spec.Ports {
		if p.Port == port {
			return p.Name
		}
	}
	return ""
}

// readyEndpoints returns the endpoints that the API server may call, in a stable order and each once.
func readyEndpoints(list []discoveryv1.EndpointSlice, portName string) []endpoint {
	var addresses []string
	for _, slice := range list {
		for _, port := range slice.Ports {
			if valueOr(port.Name, "") == portName && port.Port != nil {
				addresses = append(addresses, readyAddresses(slice.Endpoints, int(*port.Port))...)
			}
		}
	}
	slices.Sort(addresses)
	addresses = slices.Compact(addresses)
	endpoints := make([]endpoint, len(addresses))
	for i, address := range addresses {
		endpoints[i].address = address
	}
	return endpoints
}

// readyAddresses returns host:port of each ready endpoint.
func readyAddresses(endpoints []discoveryv1.Endpoint, port int) []string {
	var addresses []string
	for _, e := range endpoints {
		if valueOr(e.Conditions.Ready, true) && len(e.Addresses) > 0 {
			addresses = append(addresses, net.JoinHostPort(e.Addresses[0], strconv.Itoa(port)))
		}
	}
	return addresses
}

// connect takes the certificate that the endpoint presents, whatever it is: the check validates it. A server that wants a
// certificate of the client has shown its own by the time that it turns the client away.
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
		InsecureSkipVerify: true, //nolint:gosec // nothing is sent, and what is presented is verified by the check
		VerifyConnection: func(state tls.ConnectionState) error {
			e.chain = state.PeerCertificates
			return nil
		},
	})
	if err := client.HandshakeContext(ctx); err != nil && len(e.chain) == 0 {
		e.err = fmt.Errorf("no TLS handshake: %w", err)
	}
	_ = connection.Close() // nothing was sent
}
