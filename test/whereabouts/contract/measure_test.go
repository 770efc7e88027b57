package contract

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"
	wbclient "github.com/k8snetworkplumbingwg/whereabouts/pkg/generated/clientset/versioned"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/storage/kubernetes"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"ippool-webhook/test/environment"
	"ippool-webhook/test/whereabouts/cluster"
)

// operation is the outcome of an ADD or a DEL.
type operation struct {
	Called    bool // the webhook was called for a request about the pool
	Succeeded bool
	Recorded  bool // a pool has an allocation of the interface afterwards
	Reserved  bool // an OverlappingRangeIPReservation reserves the address for its pod afterwards
	Retried   bool // there was more than one request about the pool
}

// outcome is the outcome of the start of a pod, of the end of another pod, and of a request of a user.
type outcome struct {
	Add, Del operation
	Rejected bool // the request of the user
}

// figures are the values of an operation that differ from run to run.
type figures struct {
	writes int // requests to create or patch a pool
	calls  int // webhook calls for them
	took   time.Duration
}

// measurement is an outcome with its figures.
type measurement struct {
	outcome
	add, del figures
}

// scene is a node on which pods start and end.
type scene struct {
	*cluster.Runtime
	network cluster.Network
}

// newNode returns a node without pods, while the webhook runs.
func newNode(t *testing.T, network cluster.Network) scene {
	t.Helper()
	run("")(t)
	runtime, err := suite.Runtime(t.Context(), t.TempDir(), "node-1")
	if err != nil {
		t.Fatal(err)
	}
	return scene{runtime, network}
}

func in(pod string) cluster.Interface {
	return cluster.Interface{Namespace: "default", Pod: pod, ContainerID: pod + "-sandbox", Name: "net1"}
}

// measure adds a second interface to one pod, ends another pod, and lets a user create a pool.
func (r row) measure(t *testing.T, network cluster.Network) measurement {
	t.Helper()
	s := newNode(t, network)
	stays, goes := in("stays"), in("goes")
	s.mustAdd(t, stays)
	s.mustAdd(t, goes)
	r.begin(t)
	added := stays
	added.Name = "net2"

	var m measurement
	// The result of a failed ADD has no address. The address would have been the next free one.
	m.Add, m.add = s.observe(t, added, "10.0.0.3", r.want.Add, func(ctx context.Context) error {
		_, err := s.Add(ctx, network, added)
		return err
	})
	m.Del, m.del = s.observe(t, goes, "10.0.0.2", r.want.Del, func(ctx context.Context) error { return s.Del(ctx, network, goes) })
	m.Rejected = rejects(t, s.Namespace)
	return m
}

// observe runs an operation on an interface, and observes the state of its address. The expected outcome determines only
// whether it awaits a webhook call.
func (s scene) observe(t *testing.T, i cluster.Interface, address string, want operation, do func(context.Context) error) (operation, figures) {
	t.Helper()
	before, called := s.writes(t, 0), calls(t)
	start := time.Now()
	err := do(t.Context())
	took := time.Since(start)
	if err != nil {
		t.Log(err)
	}
	writes := s.writes(t, before+1) - before // every operation sends a request; the audit log has aborted requests late
	if want.Called {
		awaitCall(t, called)
	}
	made := calls(t) - called
	allocations, failure := s.Allocations(t.Context())
	if failure != nil {
		t.Fatal(failure)
	}
	reservations, failure := s.Reservations(t.Context())
	if failure != nil {
		t.Fatal(failure)
	}
	name := kubernetes.NormalizeIP(netip.MustParseAddr(address).AsSlice(), s.network.NetworkName)
	return operation{
		Called:    made > 0,
		Succeeded: err == nil,
		Recorded:  slices.ContainsFunc(allocations, func(a cluster.Allocation) bool { return a.Of(i) }),
		Reserved:  reservations[name] == i.PodRef(),
		Retried:   writes > 1,
	}, figures{writes, made, took}
}

// calls returns the number of webhook calls of the API server so far.
func calls(t *testing.T) int {
	t.Helper()
	calls, err := suite.Calls(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return calls.Made
}

// awaitCall awaits that the API server has counted another webhook call. It counts aborted calls late.
func awaitCall(t *testing.T, before int) {
	t.Helper()
	err := environment.Await(t.Context(), "a call of the webhook", func(ctx context.Context) error {
		calls, err := suite.Calls(ctx)
		if err == nil && calls.Made == before {
			err = errors.New("the API server has counted none")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// writes returns the number of requests in the audit log with which Whereabouts has created or patched a pool. It awaits at
// least this number.
func (s scene) writes(t *testing.T, least int) int {
	t.Helper()
	var count int
	marker := s.mark(t)
	err := environment.Await(t.Context(), "the audit log", func(context.Context) error {
		events, err := suite.AuditEvents(s.Namespace)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(events, func(e environment.AuditEvent) bool { return e.Name == marker }) {
			return fmt.Errorf("%s is not there yet", marker)
		}
		count = 0
		for _, e := range events {
			if e.User == cluster.Username && e.Resource == "ippools" && (e.Verb == "create" || e.Verb == "patch") {
				count++
			}
		}
		if count < least {
			return fmt.Errorf("it has %d writes, want at least %d", count, least)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return count
}

// mark sends a request that changes nothing and calls no webhook. Events before it in the audit log belong to earlier requests.
func (s scene) mark(t *testing.T) string {
	t.Helper()
	admin, err := wbclient.NewForConfig(suite.Admin())
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("marker-%d", time.Now().UnixNano())
	err = admin.WhereaboutsV1alpha1().IPPools(s.Namespace).Delete(t.Context(), name, metav1.DeleteOptions{})
	if !apierrors.IsNotFound(err) {
		t.Fatalf("error %v, want NotFound", err)
	}
	return name
}

// rejects reports whether the API server rejects a valid pool of a user, because the webhook denies it or the call fails.
func rejects(t *testing.T, namespace string) bool {
	t.Helper()
	switch err := createPool(t.Context(), suite.jane.Config, namespace, "10.0.1.0/24"); {
	case err == nil:
		return false
	case environment.Unanswered(err), apierrors.IsInvalid(err), apierrors.IsForbidden(err):
		return true
	default:
		t.Fatal(err)
		return false
	}
}

// createPool creates an empty pool.
func createPool(ctx context.Context, config *rest.Config, namespace, cidr string, dryRun ...string) error {
	clientset, err := wbclient.NewForConfig(config)
	if err != nil {
		return err
	}
	pool := &v1alpha1.IPPool{
		ObjectMeta: metav1.ObjectMeta{Name: kubernetes.IPPoolName(kubernetes.PoolIdentifier{IpRange: cidr})},
		Spec:       v1alpha1.IPPoolSpec{Range: cidr, Allocations: map[string]v1alpha1.IPAllocation{}},
	}
	_, err = clientset.WhereaboutsV1alpha1().IPPools(namespace).Create(ctx, pool, metav1.CreateOptions{DryRun: dryRun})
	return err
}
