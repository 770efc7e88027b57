package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"
	wbclient "github.com/k8snetworkplumbingwg/whereabouts/pkg/generated/clientset/versioned"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/iphelpers"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/storage/kubernetes"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"ippool-webhook/webhook/admissiontest"
)

const (
	poolRange = "10.0.0.0/18"
	// maxAllocations is about the number of allocations at the limit of etcd for an object, 1.5 MiB.
	maxAllocations = 7000
)

// pool is a pool. The code of Whereabouts writes it.
type pool struct {
	allocations int // number of allocations while the measured pod does not run
	ipam        *kubernetes.KubernetesIPAM
	watch       *stopwatch
}

// newPool creates a pool with size allocations in namespace.
func newPool(ctx context.Context, config *rest.Config, namespace string, size int) (*pool, error) {
	watch := &stopwatch{}
	config = rest.CopyConfig(config)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		watch.next = next
		return watch
	})
	clientset, err := wbclient.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	allocations := map[string]v1alpha1.IPAllocation{}
	for offset := 1; offset <= size; offset++ {
		a := admissiontest.NewAllocation(offset)
		allocations[strconv.Itoa(offset)] = v1alpha1.IPAllocation{ContainerID: a.ID, PodRef: a.PodRef, IfName: a.IfName}
	}
	pools := clientset.WhereaboutsV1alpha1().IPPools(namespace)
	name := kubernetes.IPPoolName(kubernetes.PoolIdentifier{IpRange: poolRange})
	_, err = pools.Create(ctx, &v1alpha1.IPPool{
		ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.IPPoolSpec{Range: poolRange, Allocations: allocations},
	}, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	return &pool{allocations: size, watch: watch, ipam: &kubernetes.KubernetesIPAM{
		Client: *kubernetes.NewKubernetesClient(clientset, nil), Namespace: namespace,
	}}, nil
}

// write starts the measured pod, or ends it, and returns the time that the API server took for the PATCH.
func (p *pool) write(ctx context.Context, start bool) (time.Duration, error) {
	stored, err := p.ipam.GetIPPool(ctx, kubernetes.PoolIdentifier{IpRange: poolRange})
	if err != nil {
		return 0, err
	}
	network, _, err := net.ParseCIDR(poolRange)
	if err != nil {
		return 0, err
	}
	address := iphelpers.IPAddOffset(network, uint64(p.allocations+1))
	var kept []types.IPReservation
	for _, r := range stored.Allocations() {
		if !r.IP.Equal(address) {
			kept = append(kept, r)
		}
	}
	if start {
		a := admissiontest.NewAllocation(p.allocations + 1)
		kept = append(kept, types.IPReservation{IP: address, ContainerID: a.ID, PodRef: a.PodRef, IfName: a.IfName})
	}
	p.watch.took = 0
	if err := stored.Update(ctx, kept); err != nil {
		return 0, err
	}
	if p.watch.took == 0 {
		return 0, errors.New("nothing was patched")
	}
	return p.watch.took, nil
}

// stopwatch measures the PATCH that it sends, up to the last byte of the answer.
type stopwatch struct {
	next http.RoundTripper
	took time.Duration
}

// RoundTrip implements http.RoundTripper.
func (s *stopwatch) RoundTrip(request *http.Request) (*http.Response, error) {
	start := time.Now()
	response, err := s.next.RoundTrip(request)
	if err != nil || request.Method != http.MethodPatch {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	s.took = time.Since(start)
	err = errors.Join(err, response.Body.Close())
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, err
}
