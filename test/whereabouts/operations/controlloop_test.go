package operations

import (
	"context"
	"errors"
	"testing"

	nadclient "github.com/k8snetworkplumbingwg/network-attachment-definition-client/pkg/client/clientset/versioned"
	nadinformers "github.com/k8snetworkplumbingwg/network-attachment-definition-client/pkg/client/informers/externalversions"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/controlloop"
	wbinformers "github.com/k8snetworkplumbingwg/whereabouts/pkg/generated/informers/externalversions"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/record"

	"ippool-webhook/test/environment"
	"ippool-webhook/test/whereabouts/cluster"
)

// TestControlLoop lets the ip-control-loop of Whereabouts release the addresses of pods that ended without a DEL.
func TestControlLoop(t *testing.T) {
	inEachMode(t, testControlLoop)
}

func testControlLoop(t *testing.T, m mode) {
	n := newNode(t, cluster.Network{Range: "10.0.0.0/24"})
	makeNode(t, "node-1")
	makeNetwork(t, n, "secondary")
	n.add(t, in("stays"), "10.0.0.1/24")
	n.add(t, in("goes"), "10.0.0.2/24")
	n.add(t, named(in("goes"), "net2"), "10.0.0.3/24")
	makePod(t, n, in("stays"), "10.0.0.1")
	makePod(t, n, in("goes"), "10.0.0.2", "10.0.0.3")
	startControlLoop(t, n)

	suite.operations.Add(1)
	if err := suite.RemovePod(t.Context(), in("goes")); err != nil {
		t.Fatal(err)
	}
	err := environment.Await(t.Context(), "the end of the allocations of a deleted pod", func(ctx context.Context) error {
		allocations, err := n.Allocations(ctx)
		if err == nil && len(allocations) > 1 {
			err = errors.New("they are still there")
		}
		return err
	})
	if err != nil {
		suite.leaked.Add(1)
		t.Fatal(err)
	}
	n.expectAllocations(t, allocationOf("10.0.0.1", in("stays")))
	expectNoDenials(t, m)
}

// startControlLoop does the same as cmd/controlloop of Whereabouts, but with another client. It returns once the loop has read
// the objects. The loop runs until the end of the test.
func startControlLoop(t *testing.T, n node) {
	t.Helper()
	t.Setenv("NODENAME", "node-1")
	t.Setenv("WHEREABOUTS_NAMESPACE", n.Namespace)
	core, err := kubernetes.NewForConfig(suite.Account())
	if err != nil {
		t.Fatal(err)
	}
	networks, err := nadclient.NewForConfig(suite.Account())
	if err != nil {
		t.Fatal(err)
	}
	own, err := suite.Clientset()
	if err != nil {
		t.Fatal(err)
	}
	podFactory, err := controlloop.PodInformerFactory(core)
	if err != nil {
		t.Fatal(err)
	}
	poolFactory, networkFactory := wbinformers.NewSharedInformerFactory(own, 0), nadinformers.NewSharedInformerFactory(networks, 0)
	broadcaster := record.NewBroadcaster()
	loop := controlloop.NewPodController(core, own, podFactory, poolFactory, networkFactory, broadcaster,
		broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "pod-ip-controlloop"}))
	stop := make(chan struct{})
	podFactory.Start(stop)
	poolFactory.Start(stop)
	networkFactory.Start(stop)
	loop.Start(stop)
	t.Cleanup(func() {
		close(stop)
		loop.Shutdown()
		broadcaster.Shutdown()
	})
}
