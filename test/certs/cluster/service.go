package cluster

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"

	discoveryv1 "k8s.io/api/discovery/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/test/environment"
)

const (
	service        = "ippool-webhook" // the Service in the webhook configurations
	deploymentName = "ippool-webhook"
)

// ServerName is the host name that the API server uses to call a replica.
const ServerName = service + "." + Namespace + ".svc"

// Endpoints returns the addresses, as host:port, of the replicas that the API server can call now.
func (c *Cluster) Endpoints(ctx context.Context) ([]string, error) {
	var slices discoveryv1.EndpointSliceList
	if err := c.Client.List(ctx, &slices, client.InNamespace(Namespace), client.MatchingLabels{discoveryv1.LabelServiceName: service}); err != nil {
		return nil, err
	}
	var addresses []string
	for _, slice := range slices.Items {
		for _, endpoint := range slice.Endpoints {
			if *endpoint.Conditions.Ready {
				addresses = append(addresses, net.JoinHostPort(endpoint.Addresses[0], strconv.Itoa(int(*slice.Ports[0].Port))))
			}
		}
	}
	return addresses, nil
}

// AwaitEndpoints awaits that the API server can call this number of replicas.
func (c *Cluster) AwaitEndpoints(ctx context.Context, want int) error {
	return environment.Await(ctx, "the endpoints of the Service", func(ctx context.Context) error {
		got, err := c.Endpoints(ctx)
		if err == nil && len(got) != want {
			return fmt.Errorf("the endpoints are %q: must be %d", got, want)
		}
		return err
	})
}

// Unanswered returns the number of webhook calls without an answer. The API server then rejects the request or, with
// failurePolicy Ignore, allows it.
func (c *Cluster) Unanswered(ctx context.Context) (calls float64, err error) {
	text, err := c.clientset.Discovery().RESTClient().Get().AbsPath("/metrics").DoRaw(ctx)
	if err != nil {
		return 0, err
	}
	samples, err := environment.ParseMetrics(string(text))
	if err != nil {
		return 0, err
	}
	for name, value := range samples {
		if strings.HasPrefix(name, "apiserver_admission_webhook_fail_open_count{") ||
			strings.HasPrefix(name, "apiserver_admission_webhook_rejection_count{") && strings.Contains(name, `error_type="calling_webhook_error"`) {
			calls += value
		}
	}
	return calls, nil
}
