package operations

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	nadv1 "github.com/k8snetworkplumbingwg/network-attachment-definition-client/pkg/apis/k8s.cni.cncf.io/v1"
	nadclient "github.com/k8snetworkplumbingwg/network-attachment-definition-client/pkg/client/clientset/versioned"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"ippool-webhook/test/environment"
	"ippool-webhook/test/whereabouts/cluster"
)

// testNodeSlices lets the node slice controller of Whereabouts divide a range among nodes, and starts and ends pods on each
// node.
func testNodeSlices(t *testing.T) {
	nodes := threeNodes(t, cluster.Network{Range: "10.0.0.0/24", NodeSliceSize: "/26"})
	startNodeSliceController(t, nodes[0])
	makeNode(t, "node-1", "node-2", "node-3")
	makeNetwork(t, nodes[0], "secondary")
	divided := awaitSlices(t, nodes[0], "secondary", 3)
	// The parts of the nodes depend on the order in which the controller reads the nodes.
	want := []string{"10.0.0.0/26", "10.0.0.128/26", "10.0.0.64/26"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Values(divided))); diff != "" {
		t.Fatalf("slices (-want +got):\n%s", diff)
	}

	var pools []string
	for i, n := range nodes {
		pod, name := in(fmt.Sprintf("web-%d", i)), fmt.Sprintf("node-%d", i+1)
		n.addInside(t, pod, divided[name])
		n.addInside(t, named(pod, "net2"), divided[name])
		pools = append(pools, name+"-"+strings.ReplaceAll(divided[name], "/", "-"))
	}
	nodes[0].expectPools(t, pools...)
	for i, n := range nodes {
		pod := in(fmt.Sprintf("web-%d", i))
		n.del(t, pod)
		n.del(t, named(pod, "net2"))
	}
	nodes[0].expectAllocations(t)
}

// addInside assigns an address to an interface, which must be in a range.
func (n node) addInside(t *testing.T, i cluster.Interface, cidr string) {
	t.Helper()
	addresses, err := suite.add(t.Context(), n, i)
	if err != nil {
		t.Fatal(err)
	}
	if len(addresses) != 1 || !inside(cidr, addresses[0].Addr()) {
		t.Errorf("%s %s got %v, want one of %s", i.PodRef(), i.Name, addresses, cidr)
	}
}

// startNodeSliceController starts the controller. It runs until the end of the test.
func startNodeSliceController(t *testing.T, n node) {
	t.Helper()
	messages := &bytes.Buffer{}
	command := exec.CommandContext(t.Context(), suite.Binaries.NodeSliceController, "-kubeconfig", n.Kubeconfig)
	command.Env = append(os.Environ(), "WHEREABOUTS_NAMESPACE="+n.Namespace)
	command.Stderr = messages
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // the context of the test has ended, which ends the process
		if err := command.Wait(); t.Failed() {
			t.Logf("node slice controller: %v\n%s", err, messages)
		}
	})
}

// makeNode creates nodes. It deletes them at the end of the test.
func makeNode(t *testing.T, names ...string) {
	t.Helper()
	admin, err := kubernetes.NewForConfig(suite.Admin())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if _, err := admin.CoreV1().Nodes().Create(t.Context(), &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := admin.CoreV1().Nodes().Delete(context.Background(), name, metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// makeNetwork creates the NetworkAttachmentDefinition of the network of a node. It deletes it at the end of the test, because a
// node slice controller reads all namespaces.
func makeNetwork(t *testing.T, n node, name string) {
	t.Helper()
	config, err := n.network.Config(n.FlatFile)
	if err != nil {
		t.Fatal(err)
	}
	admin, err := nadclient.NewForConfig(suite.Admin())
	if err != nil {
		t.Fatal(err)
	}
	networks := admin.K8sCniCncfIoV1().NetworkAttachmentDefinitions(n.Namespace)
	_, err = networks.Create(t.Context(), &nadv1.NetworkAttachmentDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       nadv1.NetworkAttachmentDefinitionSpec{Config: string(config)},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := networks.Delete(context.Background(), name, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	})
}

// awaitSlices returns the range of each node, once there is one for each node.
func awaitSlices(t *testing.T, n node, name string, count int) map[string]string {
	t.Helper()
	clientset, err := suite.Clientset()
	if err != nil {
		t.Fatal(err)
	}
	var divided map[string]string
	err = environment.Await(t.Context(), "the slices of the nodes", func(ctx context.Context) error {
		pool, err := clientset.WhereaboutsV1alpha1().NodeSlicePools(n.Namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		divided = map[string]string{}
		for _, a := range pool.Status.Allocations {
			if a.NodeName != "" {
				divided[a.NodeName] = a.SliceRange
			}
		}
		if len(divided) != count {
			return errors.New(fmt.Sprint("the nodes have only the slices ", divided))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return divided
}
