package suite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/test/environment"
)

// podStarts starts and deletes pods with an address of Whereabouts, one after the other, until Stop.
type podStarts struct {
	namespace string
	cancel    context.CancelFunc
	work      sync.WaitGroup

	started atomic.Int64
	longest atomic.Int64 // in nanoseconds, from the creation of a pod until it is ready

	mu       sync.Mutex
	failures []error
}

// startPods begins to start pods in a namespace that has the network "load".
func startPods(ctx context.Context, namespace string) *podStarts {
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p := &podStarts{namespace: namespace, cancel: cancel}
	p.work.Go(func() {
		for i := 0; running.Err() == nil; i++ {
			// A pod that has been created is awaited and deleted, also after Stop.
			if err := p.live(context.WithoutCancel(running), fmt.Sprintf("pod-%d", i)); err != nil {
				p.mu.Lock()
				p.failures = append(p.failures, err)
				p.mu.Unlock()
			}
		}
	})
	return p
}

// live creates a pod, awaits that it is ready and has an address that a pool records, deletes it, and awaits its end.
func (p *podStarts) live(ctx context.Context, name string) error {
	pod := newPod(p.namespace, name, "load")
	start := time.Now()
	if err := suite.client.Create(ctx, pod); err != nil {
		return err
	}
	key := client.ObjectKeyFromObject(pod)
	if err := environment.Await(ctx, "pod "+key.String(), func(ctx context.Context) error { return recorded(ctx, key) }); err != nil {
		return err
	}
	p.started.Add(1)
	p.longest.Store(max(p.longest.Load(), int64(time.Since(start))))
	if err := suite.client.Delete(ctx, pod); err != nil {
		return err
	}
	return environment.Await(ctx, "the end of pod "+key.String(), func(ctx context.Context) error {
		if err := suite.client.Get(ctx, key, pod); !apierrors.IsNotFound(err) {
			return errors.Join(errors.New("it exists"), err)
		}
		return nil
	})
}

// recorded returns an error unless a pod is ready, and a pool records the address in its status.
func recorded(ctx context.Context, key client.ObjectKey) error {
	pod := &corev1.Pod{}
	if err := suite.client.Get(ctx, key, pod); err != nil {
		return err
	}
	if !isReady(pod) {
		return fmt.Errorf("it is not ready: %s", pod.Status.Phase)
	}
	addresses, err := shown(pod)
	if err != nil {
		return err
	}
	found, err := allocationsOf(ctx, key)
	if err != nil {
		return err
	}
	if len(addresses) != 1 || len(found) != 1 || found[0].assigned != addresses[0] {
		return fmt.Errorf("it has %v, and pools record %v", addresses, found)
	}
	return nil
}

// stop ends the last pod, and fails the test if a pod did not start, or was not recorded.
func (p *podStarts) stop(t *testing.T) {
	t.Helper()
	p.cancel()
	p.work.Wait()
	if err := errors.Join(p.failures...); err != nil {
		t.Error(err)
	}
}
