package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"ippool-webhook/test/certs/kubelet"
	"ippool-webhook/test/environment"
)

// Replica is a process of the webhook. It replaces a pod.
type Replica struct {
	*environment.Webhook
	Name string
	// Mount is the volume at --cert-dir, or nil.
	Mount *kubelet.Mount

	cluster *Cluster
	port    int
	options environment.Options
	cancel  context.CancelFunc
	work    sync.WaitGroup

	mu       sync.Mutex
	failures []error // errors of report and of the mount
}

// ReplicaOptions configure a replica.
type ReplicaOptions struct {
	// Name is the name of its pod.
	Name string
	// Secret is the name of the mounted Secret, or empty. The Secret can be created later.
	Secret string
	// Flags are additional flags of serve.
	Flags []string
	// Lag is the time until a version of the Secret is mounted.
	Lag time.Duration
	// DrainQuietPeriod is the value of --drain-quiet-period. It can be zero if the replica gets no requests.
	DrainQuietPeriod time.Duration
	// Unlisted keeps the replica out of the endpoints of the Service.
	Unlisted bool
}

// Launch starts a replica and does not wait until it is ready. It runs until Remove or Stop.
func (c *Cluster) Launch(ctx context.Context, o ReplicaOptions) (*Replica, error) {
	dir, err := os.MkdirTemp(c.Dir(), "volume-")
	if err != nil {
		return nil, err
	}
	port, err := environment.FreePort(c.host)
	if err != nil {
		return nil, err
	}
	r := &Replica{Name: o.Name, cluster: c, port: port}
	if r.Webhook, err = c.NewWebhook(ctx, dir, c.host, port); err != nil {
		return nil, err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r.cancel = cancel
	c.replicas = append(c.replicas, r)
	if o.Secret != "" {
		secret := types.NamespacedName{Namespace: Namespace, Name: o.Secret}
		if r.Mount, err = kubelet.NewMount(running, c.clientset, secret, dir, o.Lag, r.fail); err != nil {
			return nil, err
		}
	}
	if !o.Unlisted {
		r.work.Go(func() { r.report(running) })
	}
	r.options.Flags = o.Flags
	if o.DrainQuietPeriod > 0 {
		r.options.Flags = append(r.options.Flags, "--drain-quiet-period", o.DrainQuietPeriod.String())
	}
	return r, r.Launch(ctx, r.options)
}

// Restart stops the process as Kubernetes does, starts it again and returns once it is ready.
func (r *Replica) Restart(ctx context.Context) error {
	return r.Webhook.Restart(ctx, r.options)
}

// Remove stops the replica, and removes its pod and endpoint. It returns an error if the replica has failed.
func (r *Replica) Remove(ctx context.Context) error {
	r.cluster.replicas = slices.DeleteFunc(r.cluster.replicas, func(other *Replica) bool { return other == r })
	return r.end(ctx)
}

func (r *Replica) end(ctx context.Context) error {
	failure := r.Stop(ctx)
	r.cancel()
	r.work.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(append(r.failures, failure, r.withdraw(ctx))...)
}

func (r *Replica) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Errorf("replica %s: %w", r.Name, err))
}
